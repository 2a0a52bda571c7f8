/**
 * MSTL (Bandara, Hyndman and Bergmeir 2021): daily and, from 14 days on, weekly seasons by repeated loess, the trend
 * left by them by exponential smoothing, on the log of demand.
 */
import type { ModelFamily } from '../../model';
import { type ForecastPath, pathFamily } from './pathCurve';

/** `forecast` null: loads and forecasts, but can't fit. */
export const mstlFamily = (forecast: ForecastPath | null): ModelFamily =>
  pathFamily({ family: 'mstl', version: 1, mostSlots: 96, path: mstlPath }, forecast);

/** The `ahead` slots after `logs`; `season` is a day or a week of slots. */
export async function mstlPath(
  logs: Float64Array,
  slotsPerDay: number,
  season: number,
  ahead: number,
  forecast: ForecastPath,
): Promise<ArrayLike<number>> {
  return forecast({
    values: logs,
    periods: season > slotsPerDay ? [slotsPerDay, season] : [slotsPerDay],
    ahead,
  });
}
