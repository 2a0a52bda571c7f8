/** Forecasts and what happened → how good they were: losses, coverage. */

/** Pinball loss of quantile forecast `quantile` at `probability` (Koenker and Bassett 1978); in the unit of demand. */
export function pinball(actual: number, quantile: number, probability: number): number {
  const miss = actual - quantile;
  return miss > 0 ? probability * miss : (probability - 1) * miss;
}

/** Share of outcomes at or below their quantile; NaN without any. */
export function coverage(actuals: ArrayLike<number>, quantiles: ArrayLike<number>): number {
  let covered = 0;
  for (let index = 0; index < actuals.length; index++) if (actuals[index]! <= quantiles[index]!) covered++;
  return covered / actuals.length;
}

/**
 * The factor f that minimizes Σ pinball(actual, f · last): the quantile of actual ÷ last, each weighted with its last
 * value. 0 where every last value is 0.
 */
export function bestFactor(
  actuals: readonly number[],
  lasts: readonly number[],
  probability: number,
): number {
  const ratios = actuals
    .map((actual, index) => ({ ratio: actual / lasts[index]!, weight: lasts[index]! }))
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => a.ratio - b.ratio);
  const wanted = probability * ratios.reduce((sum, { weight }) => sum + weight, 0);
  let below = 0;
  for (const { ratio, weight } of ratios) {
    below += weight;
    if (below >= wanted) return ratio;
  }
  return ratios.at(-1)?.ratio ?? 0;
}
