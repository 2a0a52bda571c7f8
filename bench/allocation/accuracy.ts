/** Forecasts of a judged category → sums of their errors beside those of the last value, in units of a node. */

import type { Forecast } from '../../core/forecasting/model';
import { actualOf, peakWindow } from '../../core/forecasting/target';
import { bestFactor, pinball } from '../../core/statistics/scoring';
import type { EvaluatedTrace } from '../../simulation/replay';

/** Minutes ahead at which medians are judged; one bin where bins are coarser. */
export const horizonMinutes: readonly number[] = [5, 15];

interface Pair {
  own: number;
  last: number;
}

export interface Accuracy {
  /** Sums of absolute errors, one entry a horizon. */
  readonly absolute: Pair[];
  /** Sums of pinball losses of the peak at 0.95; the last value with the factor that is best in hindsight. */
  readonly pinball: Pair;
}

export function noAccuracy(horizons: number): Accuracy {
  return {
    absolute: Array.from({ length: horizons }, () => ({ own: 0, last: 0 })),
    pinball: { own: 0, last: 0 },
  };
}

/** `median` and `upper` are the places of 0.5 and 0.95 among the forecast probabilities. */
export function addAccuracy(
  sums: Accuracy,
  { series, fromBin, toBin, leadBins, requestsPerNodeBin }: EvaluatedTrace,
  made: readonly (Forecast | null)[],
  horizonBins: readonly number[],
  median: number,
  upper: number,
): void {
  const counts = series.counts.subarray(0, toBin);
  const actuals: number[] = [];
  const lasts: number[] = [];
  for (let bin = fromBin; bin < toBin; bin++) {
    const forecast = made[bin - fromBin];
    const last = (counts[bin - 1] ?? Number.NaN) / requestsPerNodeBin;
    if (forecast == null || Number.isNaN(last)) continue;
    horizonBins.forEach((horizon, place) => {
      const actual = (counts[bin + horizon - 1] ?? Number.NaN) / requestsPerNodeBin;
      if (Number.isNaN(actual)) return;
      sums.absolute[place]!.own += Math.abs(actual - forecast.horizons[place]![median]! / requestsPerNodeBin);
      sums.absolute[place]!.last += Math.abs(actual - last);
    });
    const peak = actualOf(counts, bin, peakWindow(leadBins)) / requestsPerNodeBin;
    if (Number.isNaN(peak)) continue;
    actuals.push(peak);
    lasts.push(last);
    sums.pinball.own += pinball(peak, forecast.peak[upper]! / requestsPerNodeBin, 0.95);
  }
  const factor = bestFactor(actuals, lasts, 0.95);
  actuals.forEach((actual, index) => {
    sums.pinball.last += pinball(actual, factor * lasts[index]!, 0.95);
  });
}
