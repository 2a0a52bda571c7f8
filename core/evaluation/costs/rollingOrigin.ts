/** Models, each shown nothing but the past, replayed through the folds → the peak they forecast at every decision. */
import { type DemandSeries, sliceSeries } from '../../demand/series';
import type { FitOptions, FittedModel, ForecastContext } from '../../forecasting/model';
import type { Fold } from './folds';

export interface RollingOrigin {
  readonly history: DemandSeries;
  readonly folds: readonly Fold[];
  readonly context: ForecastContext;
  readonly options: FitOptions;
  /** Accepted risks, descending: the peak is forecast at 1 − each. */
  readonly risks: readonly number[];
}

/** One entry a risk, each with one peak a bin of the folds, requests per bin. */
export type RolledPeaks = readonly Float64Array[];

/**
 * `modelBefore` gives the model that decides the fold. It may be fitted on the bins before `fold.fromBin` at most; from
 * there on the model meets bin after bin and recalibrates itself as in production.
 */
export async function rollThroughFolds(
  { history, folds, context, options, risks }: RollingOrigin,
  modelBefore: (fold: Fold) => FittedModel | Promise<FittedModel>,
): Promise<RolledPeaks> {
  const { binMs } = history.clock;
  const first = folds[0]?.fromBin ?? 0;
  const bins = (folds.at(-1)?.toBin ?? first) - first;
  const peaks = risks.map(() => new Float64Array(bins));
  const query = { ...options, probabilities: risks.map((risk) => 1 - risk) };
  for (const fold of folds) {
    const model = await modelBefore(fold);
    for (let bin = fold.fromBin; bin < fold.toBin; bin++) {
      const originMs = history.startMs + bin * binMs;
      const recent = sliceSeries(history, originMs - model.contextBins * binMs, originMs);
      const { peak } = model.forecast(recent, query, context);
      for (let which = 0; which < risks.length; which++) peaks[which]![bin - first] = peak[which]!;
    }
  }
  return peaks;
}
