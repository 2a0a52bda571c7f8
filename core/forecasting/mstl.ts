/**
 * MSTL (Bandara, Hyndman and Bergmeir 2021): daily and, from 14 days on, weekly seasons by repeated loess, the trend
 * left by them by exponential smoothing, on the log of demand.
 */
import type { ModelFamily } from './model';
import { type ForecastPath, pathFamily } from './pathCurve';

/** `forecast` null: loads and forecasts, but can't fit. */
export const mstlFamily = (forecast: ForecastPath | null): ModelFamily =>
  pathFamily(
    {
      family: 'mstl',
      version: 1,
      mostSlots: 96,
      path: ({ logs, slotsPerDay }, days, forecastPath) =>
        forecastPath({
          values: logs,
          periods: days === 7 ? [slotsPerDay, 7 * slotsPerDay] : [slotsPerDay],
          ahead: days * slotsPerDay,
        }),
    },
    forecast,
  );
