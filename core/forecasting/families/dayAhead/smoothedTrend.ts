/**
 * Exponential smoothing without a season: a level alone, or with a damped trend (Gardner and McKenzie 1985), whichever
 * explains the past better by the corrected information criterion, with parameters from a grid.
 */

const levelRates = [0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9, 1] as const;
/** Of the trend, relative to the level's. */
const trendRates = [0.02, 0.1, 0.3] as const;
const dampings = [0.9, 0.97] as const;

interface Smoothed {
  readonly level: number;
  readonly trend: number;
  readonly damping: number;
  /** n · log(mean squared error) + 2k, corrected for few values. */
  readonly criterion: number;
}

/** The `ahead` values after `values`. */
export function smoothedTrend(values: Float64Array, ahead: number): Float64Array {
  let best = smooth(values, levelRates[0], 0, 0);
  const consider = (other: Smoothed) => {
    if (other.criterion < best.criterion) best = other;
  };
  for (const rate of levelRates) {
    consider(smooth(values, rate, 0, 0));
    for (const trendRate of trendRates)
      for (const damping of dampings) consider(smooth(values, rate, rate * trendRate, damping));
  }
  const { damping, trend } = best;
  let { level } = best;
  let step = damping;
  return Float64Array.from({ length: ahead }, () => {
    level += trend * step;
    step *= damping;
    return level;
  });
}

function smooth(values: Float64Array, rate: number, trendRate: number, damping: number): Smoothed {
  const begun = Math.min(values.length, 10);
  let level = 0;
  for (let index = 0; index < begun; index++) level += values[index]! / begun;
  let trend = 0;
  let squares = 0;
  for (const value of values) {
    const carried = level + damping * trend;
    const miss = value - carried;
    squares += miss * miss;
    level = carried + rate * miss;
    trend = damping * trend + trendRate * miss;
  }
  const count = values.length;
  const parameters = trendRate === 0 ? 3 : 6;
  return {
    level,
    trend,
    damping,
    criterion:
      count * Math.log(squares / count + 1e-12) +
      2 * parameters +
      (2 * parameters * (parameters + 1)) / Math.max(1, count - parameters - 1),
  };
}
