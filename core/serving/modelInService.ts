/**
 * A fitted model and the bins it has missed → its forecast, calibrated as if it had been there all the time. Kept loaded
 * between decisions; whoever loads it anew lets it forecast the bins since its training first.
 */
import { type DemandSeries, seriesEndMs, sliceSeries } from '../demand/series';
import { replayThrough } from '../forecasting/calibration/successor';
import type { FittedModel, Forecast, ForecastContext, ForecastQuery } from '../forecasting/model';

export interface ModelInService {
  readonly id: string;
  readonly family: string;
  readonly trainedToMs: number;
  readonly trainedBins: number;
  /** The lead that it was fitted for; null where that was not kept. */
  readonly leadBins: number | null;
  readonly model: FittedModel;
  /** End of the bins that the model was last brought up to, ms. */
  caughtUpToMs: number;
}

/** How many bins at most a model is replayed through after it was loaded. */
export const catchUpBins = 1_440;

/** Bins before the decision that `forecastUpToDate` needs to see. */
export function binsToRead({ model, caughtUpToMs }: ModelInService, originMs: number, binMs: number): number {
  const missed = Math.max(0, Math.round((originMs - caughtUpToMs) / binMs));
  return model.contextBins + Math.min(missed, catchUpBins);
}

/** Forecasts from the end of `recent`, after the model has seen every bin it missed. */
export function forecastUpToDate(
  inService: ModelInService,
  recent: DemandSeries,
  query: ForecastQuery,
  context: ForecastContext,
): Forecast {
  const { binMs } = recent.clock;
  const { model } = inService;
  const endMs = seriesEndMs(recent);
  const firstMissedMs = Math.max(inService.caughtUpToMs + binMs, endMs - catchUpBins * binMs);
  replayThrough(model, recent, context, query, { fromMs: firstMissedMs, toMs: endMs });
  inService.caughtUpToMs = endMs;
  return model.forecast(sliceSeries(recent, endMs - model.contextBins * binMs, endMs), query, context);
}
