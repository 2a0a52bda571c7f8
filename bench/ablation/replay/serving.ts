/** One decision after the other: the model in use, the one before it and the baseline → what each forecasts, and the scores. */
import { binsPerDay } from '../../../core/demand/clock';
import { type DemandSeries, sliceSeries } from '../../../core/demand/series';
import type { ForecastScore } from '../../../core/evaluation/accuracy/accuracy';
import { lastValueFamily } from '../../../core/forecasting/families/naive/lastValue';
import { baselineBins } from '../../../core/forecasting/trainingWindow';
import type { ModelInService } from '../../../core/serving/modelInService';
import {
  branchOf,
  fitAt,
  type InService,
  inServiceWith,
  queryFor,
  stepInService,
} from '../../drift/runForecasts';

/** As production asks at an accepted risk of 1 %: the standard ones and that of an order. */
export const servedProbabilities: readonly number[] = [0.5, 0.9, 0.95, 0.98, 0.99];

/** One decision. Peaks are at `servedProbabilities`. */
export interface ServedBin {
  readonly peak: readonly number[];
  /** Of the last value at the same decision. */
  readonly anchor: readonly number[];
  /** Of the model that served before the one in use; null while there was none. */
  readonly previous: readonly number[] | null;
  readonly modelId: string;
  /** Scores that came to be with the bin before this decision. */
  readonly scores: readonly ForecastScore[];
}

export interface Serving {
  readonly at: InService;
  readonly before: ModelInService | null;
}

export const branched = ({ at, before }: Serving): Serving => ({
  at: branchOf(at),
  before: before === null ? null : branchOf(inServiceWith(before)).incumbent,
});

export const isDaily = (series: DemandSeries, bin: number, firstBin: number) =>
  bin > firstBin && (bin - firstBin) % binsPerDay(series.clock) === 0;

export async function refitted(
  series: DemandSeries,
  bin: number,
  { at }: Serving,
  seed: number,
): Promise<Serving> {
  const { incumbent } = at;
  return {
    at: { ...at, incumbent: await fitAt(series, bin, incumbent, `fit-${bin}`, seed) },
    before: incumbent,
  };
}

export async function decision(
  series: DemandSeries,
  bin: number,
  { at, before }: Serving,
): Promise<{ serving: Serving; bin: ServedBin }> {
  const step = await stepInService(at, series, bin);
  const anchor = await anchorPeak(series, bin);
  let previous: readonly number[] | null = null;
  if (before !== null) {
    const originMs = series.startMs + bin * series.clock.binMs;
    const recent = sliceSeries(series, originMs - before.model.contextBins * series.clock.binMs, originMs);
    previous = before.model.forecast(recent, queryFor(series), { events: [] }).peak;
  }
  return {
    serving: { at: step.at, before },
    bin: { peak: peakOf(step.at, bin), anchor, previous, modelId: at.incumbent.id, scores: step.scores },
  };
}

/** What `predict` says without a model, or when it does not trust the one that there is. */
async function anchorPeak(series: DemandSeries, bin: number): Promise<readonly number[]> {
  const originMs = series.startMs + bin * series.clock.binMs;
  const recent = sliceSeries(series, originMs - baselineBins * series.clock.binMs, originMs);
  const query = queryFor(series);
  const model = await lastValueFamily.fit(recent, { events: [] }, { ...query, seed: 1 });
  return model.forecast(recent, query, { events: [] }).peak;
}

/** What the model itself says, trusted or not. */
export const peakOf = ({ waiting }: InService, bin: number) =>
  waiting.find(({ forecastId, horizonBins }) => horizonBins === 0 && forecastId === `@${bin}`)!.quantiles;
