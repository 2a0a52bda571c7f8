/**
 * A seasonal autoregression: each slot from the last ones and from those a day and a week before, by ridge regression,
 * fed with its own forecasts to go further ahead.
 */
import { PamError } from '../../../errors';
import { dot, RidgeSums } from '../../../statistics/ridge';
import type { Json } from '../../model';
import type { PathMethod, PathModel, SlotSeries } from './seasonalPaths';

const ridge = 1;
/** Days after which a row counts half. */
const halfLifeDays = 14;
/** Days from which the week's lags have rows to learn from. */
const weekLagDays = 17;
/** Rows that a fit needs per coefficient. */
const rowsPerCoefficient = 3;

export const autoregression: PathMethod = {
  name: 'autoregression',
  fewestDays: 4,
  fit({ values, slotsPerDay }) {
    const lags = lagsOf(values.length, slotsPerDay);
    const farthest = Math.max(...lags);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const sums = new RidgeSums(lags.length + 1);
    const row = new Float64Array(lags.length + 1);
    for (let index = farthest; index < values.length; index++) {
      writeRow(values, index, lags, mean, row);
      sums.add(row, values[index]! - mean, 0.5 ** ((values.length - index) / (halfLifeDays * slotsPerDay)));
    }
    if (sums.rows < rowsPerCoefficient * sums.size)
      throw new PamError('INVALID_DATA', `an autoregression of ${lags.length} lags has ${sums.rows} rows`);
    return new Autoregression(lags, mean, sums.solve(ridge));
  },
  load(state) {
    const { lags, mean, coefficients } = state as { lags: number[]; mean: number; coefficients: number[] };
    return new Autoregression(lags, mean, Float64Array.from(coefficients));
  },
};

function lagsOf(slots: number, day: number): number[] {
  const daily = [1, 2, 3, day - 1, day, day + 1, 2 * day, 3 * day];
  const weekly = [6, 7, 14].map((days) => days * day);
  const wanted = slots >= weekLagDays * day ? [...daily, ...weekly, 7 * day - 1, 7 * day + 1] : daily;
  return [...new Set(wanted)].filter((lag) => lag > 0 && lag < 0.6 * slots).sort((a, b) => a - b);
}

function writeRow(
  values: Float64Array,
  index: number,
  lags: readonly number[],
  mean: number,
  row: Float64Array,
): void {
  row[0] = 1;
  for (let lag = 0; lag < lags.length; lag++)
    row[lag + 1] = (values[Math.max(0, index - lags[lag]!)] ?? mean) - mean;
}

class Autoregression implements PathModel {
  constructor(
    private readonly lags: readonly number[],
    private readonly mean: number,
    private readonly coefficients: Float64Array,
  ) {}

  path({ values }: SlotSeries, ahead: number): Float64Array {
    const size = values.length;
    const extended = new Float64Array(size + ahead);
    extended.set(values);
    const row = new Float64Array(this.lags.length + 1);
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const value of values) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    const margin = 0.3 * (high - low);
    for (let index = size; index < size + ahead; index++) {
      writeRow(extended, index, this.lags, this.mean, row);
      // An unstable recursion stays where demand has been.
      const next = this.mean + dot(row, this.coefficients);
      extended[index] = Math.min(high + margin, Math.max(low - margin, next));
    }
    return extended.subarray(size);
  }

  serialize(): Json {
    return { lags: [...this.lags], mean: this.mean, coefficients: [...this.coefficients] };
  }
}
