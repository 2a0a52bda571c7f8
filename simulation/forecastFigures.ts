/**
 * Forecasts and the counts that came → the scorecard's forecast figures: errors beside the last value's, a day or more
 * ahead beside the better seasonal naive's; pinball losses beside theirs with the best constant factor; coverage.
 */
import { binsPerDay } from '../core/demand/clock';
import { bestFactor, coverage, pinball } from '../core/statistics/scoring';
import type { Backtested } from './backtest';
import type { EvaluatedTrace } from './replay';

export interface QuantileFigures {
  readonly probability: number;
  /** Mean pinball loss, requests per bin. */
  readonly loss: number | null;
  /** The loss of the reference × its best constant factor, chosen in hindsight. */
  readonly referenceLoss: number | null;
  readonly lossRatio: number | null;
  /** Share of counts at or below the quantile. */
  readonly coverage: number | null;
}

export interface ForecastFigures {
  readonly category: string;
  readonly model: string;
  readonly horizonBins: number;
  /** Forecasts that were evaluated: own, with a count for the target and for the reference. */
  readonly forecasts: number;
  readonly reference: 'last-value' | 'same-time-yesterday' | 'same-time-last-week';
  /** Requests per bin. */
  readonly meanAbsoluteError: number | null;
  readonly referenceError: number | null;
  readonly errorRatio: number | null;
  readonly quantiles: readonly QuantileFigures[];
  readonly fits: number;
  readonly fitMs: number;
  /** Milliseconds of one forecast of all horizons. */
  readonly predictMs: number;
}

/** A forecast of one bin with what came; quantiles at the probabilities of the backtest. */
export interface ForecastRow {
  /** Bin of the decision and of the target. */
  readonly originBin: number;
  readonly targetBin: number;
  readonly quantiles: readonly number[];
  /** NaN where it was not measured. */
  readonly actual: number;
}

/** Every own forecast of the horizon whose target lies in the evaluated window. */
export function rowsOf({ trace, forecasts, horizonBins }: Backtested, horizon: number): ForecastRow[] {
  const which = horizonBins.indexOf(horizon);
  const rows: ForecastRow[] = [];
  forecasts.forEach((forecast, index) => {
    const originBin = trace.fromBin + index;
    const targetBin = originBin + horizon - 1;
    if (forecast === null || targetBin >= trace.toBin) return;
    const quantiles = forecast.horizons[which]!;
    rows.push({ originBin, targetBin, quantiles, actual: trace.series.counts[targetBin]! });
  });
  return rows;
}

export function forecastFigures(backtested: Backtested, horizon: number): ForecastFigures {
  const { trace, model, probabilities, forecasts } = backtested;
  const measured = rowsOf(backtested, horizon).filter(({ actual }) => !Number.isNaN(actual));
  const { reference, rows } = referenceOf(trace, measured, horizon);
  const actuals = rows.map(({ row }) => row.actual);
  const references = rows.map(({ value }) => value);
  const middle = probabilities.indexOf(0.5);
  const own = meanOf(rows.map(({ row }) => Math.abs(row.actual - row.quantiles[middle]!)));
  const other = meanOf(rows.map(({ row, value }) => Math.abs(row.actual - value)));
  const made = forecasts.reduce((count, forecast) => count + (forecast === null ? 0 : 1), 0);
  return {
    category: trace.category,
    model,
    horizonBins: horizon,
    forecasts: rows.length,
    reference,
    meanAbsoluteError: own,
    referenceError: other,
    errorRatio: ratioOf(own, other),
    quantiles: probabilities.map((probability, which) => {
      const quantiles = rows.map(({ row }) => row.quantiles[which]!);
      const factor = bestFactor(actuals, references, probability);
      const loss = meanOf(actuals.map((actual, index) => pinball(actual, quantiles[index]!, probability)));
      const referenceLoss = meanOf(
        actuals.map((actual, index) => pinball(actual, factor * references[index]!, probability)),
      );
      return {
        probability,
        loss,
        referenceLoss,
        lossRatio: ratioOf(loss, referenceLoss),
        coverage: rows.length === 0 ? null : coverage(actuals, quantiles),
      };
    }),
    fits: backtested.fits,
    fitMs: backtested.fits === 0 ? 0 : backtested.fitMs / backtested.fits,
    predictMs: made === 0 ? 0 : backtested.predictMs / made,
  };
}

interface Referenced {
  readonly reference: ForecastFigures['reference'];
  readonly rows: readonly { row: ForecastRow; value: number }[];
}

/** The reference of each row. A day or more ahead: of yesterday and last week the one that misses less. */
function referenceOf(trace: EvaluatedTrace, measured: readonly ForecastRow[], horizon: number): Referenced {
  const { counts, clock } = trace.series;
  const day = binsPerDay(clock);
  const joined = (reference: Referenced['reference'], binOf: (row: ForecastRow) => number): Referenced => ({
    reference,
    rows: measured.flatMap((row) => {
      const value = counts[binOf(row)] ?? Number.NaN;
      return Number.isNaN(value) ? [] : [{ row, value }];
    }),
  });
  if (horizon < day) return joined('last-value', ({ originBin }) => originBin - 1);
  const back = (days: number) => Math.ceil(horizon / (days * day)) * days * day;
  const yesterday = joined('same-time-yesterday', ({ targetBin }) => targetBin - back(1));
  const week = joined('same-time-last-week', ({ targetBin }) => targetBin - back(7));
  const both = new Set(week.rows.map(({ row }) => row));
  const error = (rows: Referenced['rows']) =>
    rows.reduce((sum, { row, value }) => sum + Math.abs(row.actual - value), 0);
  // Compared on the rows that both know; a week that is known for few of them is no reference.
  const common = yesterday.rows.filter(({ row }) => both.has(row));
  const known = new Set(common.map(({ row }) => row));
  const weekCommon = week.rows.filter(({ row }) => known.has(row));
  return 2 * common.length >= yesterday.rows.length && error(weekCommon) < error(common) ? week : yesterday;
}

function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function ratioOf(own: number | null, other: number | null): number | null {
  return own === null || other === null || other === 0 ? null : own / other;
}
