/**
 * Exponential smoothing (Hyndman et al. 2008, chosen automatically among its error and trend forms) of log demand
 * without its usual day or week, which is taken off before and put back after as in classical decomposition: seasonal
 * states of hundreds of slots can't be estimated.
 */
import type { EvenLogs } from './evenLogs';
import { slotMeans } from './evenLogs';
import type { ModelFamily } from './model';
import { type ForecastPath, pathFamily } from './pathCurve';

/** `forecast` null: loads and forecasts, but can't fit. */
export const etsFamily = (forecast: ForecastPath | null): ModelFamily =>
  pathFamily({ family: 'ets', version: 1, mostSlots: 96, path: smoothedPath }, forecast);

async function smoothedPath(
  { logs, slotsPerDay }: EvenLogs,
  days: number,
  forecast: ForecastPath,
): Promise<Float64Array> {
  const period = days * slotsPerDay;
  const usual = slotMeans(logs, period);
  const rest = logs.map((log, index) => log - usual[index % period]!);
  const trend = await forecast({ values: rest, periods: [], ahead: period });
  return Float64Array.from(trend, (value, step) => value + usual[(logs.length + step) % period]!);
}
