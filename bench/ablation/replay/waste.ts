/** Forecast peaks and the demand that came → what the plans of production waste, by the loss that models are selected by, and pinball losses. */
import { holdBinsOf } from '../../../core/capacity/hold';
import { defaultScaleDownHoldMs, orderRisk } from '../../../core/capacity/plan';
import { type BlockCost, planCosts } from '../../../core/evaluation/costs/planCost';
import { lossOf, sweptRisks } from '../../../core/evaluation/selection/selection';
import { peakAtRisk } from '../../../core/forecasting/peakQuantile';
import { actualOf, peakWindow } from '../../../core/forecasting/target';
import { pinball } from '../../../core/statistics/scoring';

export const acceptedRisk = 0.01;
export const swept = sweptRisks(acceptedRisk);

export interface Planned {
  readonly counts: Float64Array;
  /** One row a bin of `counts`, at `probabilities`. */
  readonly peaks: readonly (readonly number[])[];
  readonly probabilities: readonly number[];
  readonly leadBins: number;
  readonly binMs: number;
}

export function costsOf(
  { counts, peaks, probabilities, leadBins, binMs }: Planned,
  blocks: number,
): BlockCost[] {
  const at = (risk: number) => Float64Array.from(peaks, (peak) => peakAtRisk({ peak, probabilities }, risk));
  return planCosts({
    counts,
    peaks: swept.map(at),
    orderPeaks: swept.map((risk) => at(orderRisk(risk))),
    leadBins,
    holdBins: holdBinsOf(defaultScaleDownHoldMs, binMs),
    blocks,
  });
}

/** Waste above foresight as a share of it, missing nodes priced by the risk: see `lossOf`. */
export const wasteOf = (planned: Planned): number => lossOf(costsOf(planned, 1), swept);

/** Share of decisions whose peak was above the quantile at the accepted risk. */
export function realizedRisk(planned: Planned): number {
  const [block] = costsOf(planned, 1);
  return block!.at.at(-1)!.exceeded / Math.max(1, block!.decisions);
}

/** Mean pinball loss of the peak at one probability, requests per bin. */
export function pinballOf({ counts, peaks, probabilities, leadBins }: Planned, probability: number): number {
  let sum = 0;
  let decisions = 0;
  peaks.forEach((peak, bin) => {
    const actual = actualOf(counts, bin, peakWindow(leadBins));
    if (Number.isNaN(actual)) return;
    sum += pinball(actual, peakAtRisk({ peak, probabilities }, 1 - probability), probability);
    decisions++;
  });
  return sum / Math.max(1, decisions);
}
