/** The latest bins → the forecast of the baseline: the last value with the errors that it made lately, fitted on the spot. */
import { type DemandSeries, measuredBins, seriesEndMs, sliceSeries } from '../demand/series';
import { lastValueFamily } from '../forecasting/families/naive/lastValue';
import type { Forecast, ForecastContext, ForecastQuery } from '../forecasting/model';
import { baselineBins } from '../forecasting/trainingWindow';

export const baselineFamily = lastValueFamily.name;

/** From the end of `past`; null where there is too little to start from. */
export async function baselineForecast(
  past: DemandSeries,
  query: ForecastQuery,
  context: ForecastContext,
): Promise<Forecast | null> {
  const endMs = seriesEndMs(past);
  const recent = sliceSeries(past, endMs - baselineBins * past.clock.binMs, endMs);
  if (measuredBins(recent) < lastValueFamily.minimumBins(recent)) return null;
  // Nothing of it is random, so the seed is of no account.
  const model = await lastValueFamily.fit(recent, context, { ...query, seed: 1 });
  return model.forecast(recent, query, context);
}
