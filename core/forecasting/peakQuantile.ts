/** Quantiles of a peak with their probabilities, and an accepted risk → the demand that capacity must be there for. */
import type { Quantiles } from './model';

/**
 * What is known of the highest count in the lead window: `peak[i]` requests per bin are not exceeded with
 * `probabilities[i]`. Both ascending; empty where nothing is known.
 */
export interface PeakQuantiles {
  readonly probabilities: readonly number[];
  readonly peak: Quantiles;
}

/**
 * The quantile at 1 − `risk`, requests per bin. Between two of the `probabilities` the count is linear in −log(1 − p),
 * which is exact for an exponential tail; outside it continues the nearest piece, never below zero.
 */
export function peakAtRisk({ probabilities, peak }: PeakQuantiles, risk: number): number {
  const wanted = 1 - risk;
  const exact = probabilities.findIndex((probability) => Math.abs(probability - wanted) < 1e-9);
  if (exact >= 0) return peak[exact]!;
  if (probabilities.length < 2) return peak[0] ?? 0;
  const above = probabilities.findIndex((probability) => probability > wanted);
  const high = Math.max(1, above < 0 ? probabilities.length - 1 : above);
  const from = depthOf(probabilities[high - 1]!);
  const to = depthOf(probabilities[high]!);
  const slope = (peak[high]! - peak[high - 1]!) / (to - from);
  return Math.max(0, peak[high - 1]! + slope * (depthOf(wanted) - from));
}

/** −log P(demand > x) of the x that is not exceeded with `probability`: linear in x for an exponential tail. */
export const depthOf = (probability: number): number => -Math.log(1 - probability);
