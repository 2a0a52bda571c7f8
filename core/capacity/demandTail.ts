/** Quantiles of a peak → the probability that it exceeds a count, and the demand that a further node would serve. */

/** `count` requests per bin are not exceeded with `probability`, in (0, 1). */
export interface TailPoint {
  readonly probability: number;
  readonly count: number;
}

/** −log P(demand > x), which is linear in x for an exponential tail. */
const depthOf = (probability: number): number => -Math.log(1 - probability);

/**
 * P(peak > `count`). Between two points, and beyond the last one, log P is linear in the count (as `peakAtRisk` has it);
 * P(peak > 0) = 1. Without points nothing is known: 0.5 everywhere.
 * @param points ascending in probability, counts non-decreasing.
 */
export function exceedance(points: readonly TailPoint[], count: number): number {
  if (points.length === 0) return 0.5;
  let below = { depth: 0, count: 0 };
  for (const point of points) {
    const next = { depth: depthOf(point.probability), count: point.count };
    if (count < next.count) {
      const share = (count - below.count) / (next.count - below.count);
      return Math.exp(-(below.depth + share * (next.depth - below.depth)));
    }
    below = next;
  }
  const last = points.at(-1)!;
  const before = points.at(-2);
  const width = last.count - (before?.count ?? 0);
  // A quantile that does not rise any more bounds the demand.
  if (width <= 0) return 0;
  // Before the slope, which is infinite where the width is next to nothing.
  if (count === last.count) return 1 - last.probability;
  const slope =
    (depthOf(last.probability) - (before === undefined ? 0 : depthOf(before.probability))) / width;
  return Math.exp(-(below.depth + slope * (count - last.count)));
}

/**
 * Requests per bin that the `nth` node is expected to serve that would otherwise be late: the integral of P(peak > x)
 * over the node's slice of capacity, E[(D − a)⁺] − E[(D − b)⁺], by the trapezoid rule in `steps` pieces.
 */
export function servedByNode(
  points: readonly TailPoint[],
  requestsPerNodeBin: number,
  nth: number,
  steps = 4,
): number {
  const from = (nth - 1) * requestsPerNodeBin;
  const step = requestsPerNodeBin / steps;
  let sum = 0;
  for (let piece = 0; piece < steps; piece++)
    sum +=
      (exceedance(points, from + piece * step) + exceedance(points, from + (piece + 1) * step)) * 0.5 * step;
  return sum;
}
