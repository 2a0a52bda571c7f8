/** A model that served and one fitted to follow it → the new one, with what was learned in service about errors. */
import { type DemandSeries, seriesEndMs, sliceSeries } from '../../demand/series';
import type { FittedModel, ForecastContext, ForecastQuery } from '../model';
import { usualCalibration } from './scoreCalibration';

/**
 * `fitted`, calibrated as `previous` is, where both are of one family; the caller sees to it that they are of the same
 * configuration, for errors are kept in the models' own units. Fitting knows the errors of some held-out days; the model
 * that served has met all of them since, and weeks before.
 */
export function succeeding(fitted: FittedModel, previous: FittedModel | null): FittedModel {
  if (previous?.family === fitted.family) fitted.keepCalibrationOf?.(previous);
  return fitted;
}

/**
 * Replays `model`, which saw the history before `fromMs`, through the decisions in [fromMs, toMs) as if it had served
 * there, as far as `history` has bins before them; of a longer stretch through the latest that its calibration can
 * remember. Times in ms.
 */
export function replayThrough(
  model: FittedModel,
  history: DemandSeries,
  context: ForecastContext,
  ahead: Pick<ForecastQuery, 'leadBins' | 'horizonBins'>,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): void {
  const { binMs } = history.clock;
  const query = { ...ahead, probabilities: [0.5] };
  const endMs = Math.min(toMs, seriesEndMs(history));
  const firstMs = Math.max(fromMs, history.startMs + binMs, endMs - usualCalibration.peakMemory * binMs);
  for (let originMs = firstMs; originMs < endMs; originMs += binMs)
    model.forecast(sliceSeries(history, originMs - model.contextBins * binMs, originMs), query, context);
}
