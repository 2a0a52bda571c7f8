/**
 * Exponential smoothing (Hyndman et al. 2008, chosen automatically among its error and trend forms) of log demand
 * without its usual day or week, which is taken off before and put back after as in classical decomposition: seasonal
 * states of hundreds of slots can't be estimated.
 */
import { slotMeans } from '../../features/evenLogs';
import type { ModelFamily } from '../../model';
import { type ForecastPath, pathFamily } from './pathCurve';

/** `forecast` null: loads and forecasts, but can't fit. */
export const etsFamily = (forecast: ForecastPath | null): ModelFamily =>
  pathFamily({ family: 'ets', version: 1, mostSlots: 96, path: smoothedPath }, forecast);

/** The `ahead` slots after `logs`; `season` is a day or a week of slots. */
export async function smoothedPath(
  logs: Float64Array,
  _slotsPerDay: number,
  season: number,
  ahead: number,
  forecast: ForecastPath,
): Promise<Float64Array> {
  const usual = slotMeans(logs, season);
  const rest = logs.map((log, index) => log - usual[index % season]!);
  const trend = await forecast({ values: rest, periods: [], ahead });
  return Float64Array.from(trend, (value, step) => value + usual[(logs.length + step) % season]!);
}
