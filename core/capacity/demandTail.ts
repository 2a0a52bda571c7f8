/** Quantiles of a peak → the probability that it exceeds a count, and the demand that a further node would serve. */
import { depthOf, type PeakQuantiles } from '../forecasting/peakQuantile';

/**
 * P(peak > `count`). Between two quantiles, and beyond the last one, log P is linear in the count (as `peakAtRisk` has
 * it); P(peak > 0) = 1. Without quantiles nothing is known: 0.5 everywhere.
 */
export function exceedance({ probabilities, peak }: PeakQuantiles, count: number): number {
  if (probabilities.length === 0) return 0.5;
  let below = { depth: 0, count: 0 };
  for (const [index, probability] of probabilities.entries()) {
    const next = { depth: depthOf(probability), count: peak[index]! };
    if (count < next.count) {
      const share = (count - below.count) / (next.count - below.count);
      return Math.exp(-(below.depth + share * (next.depth - below.depth)));
    }
    below = next;
  }
  const last = peak.at(-1)!;
  const before = probabilities.at(-2);
  const width = last - (peak.at(-2) ?? 0);
  // A quantile that does not rise any more bounds the demand.
  if (width <= 0) return 0;
  // Before the slope, which is infinite where the width is next to nothing.
  if (count === last) return 1 - probabilities.at(-1)!;
  const slope = (depthOf(probabilities.at(-1)!) - (before === undefined ? 0 : depthOf(before))) / width;
  return Math.exp(-(below.depth + slope * (count - last)));
}

/**
 * Requests per bin that the `nth` node is expected to serve that would otherwise be late: the integral of P(peak > x)
 * over the node's slice of capacity, E[(D − a)⁺] − E[(D − b)⁺], by the trapezoid rule in `steps` pieces.
 */
export function servedByNode(
  quantiles: PeakQuantiles,
  requestsPerNodeBin: number,
  nth: number,
  steps = 4,
): number {
  const from = (nth - 1) * requestsPerNodeBin;
  const step = requestsPerNodeBin / steps;
  let sum = 0;
  for (let piece = 0; piece < steps; piece++)
    sum +=
      (exceedance(quantiles, from + piece * step) + exceedance(quantiles, from + (piece + 1) * step)) *
      0.5 *
      step;
  return sum;
}
