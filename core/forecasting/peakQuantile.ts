/** A forecast at some probabilities, and an accepted risk → the demand that capacity must be there for. */
import type { Forecast } from './model';

/**
 * The peak's quantile at 1 − `risk`, requests per bin. Between two of the `probabilities` the count is linear in
 * −log(1 − p), which is exact for an exponential tail; outside it continues the nearest piece, never below zero.
 */
export function peakAtRisk(
  forecast: Pick<Forecast, 'peak'>,
  probabilities: readonly number[],
  risk: number,
): number {
  const { peak } = forecast;
  const wanted = 1 - risk;
  const exact = probabilities.findIndex((probability) => Math.abs(probability - wanted) < 1e-9);
  if (exact >= 0) return peak[exact]!;
  if (probabilities.length < 2) return peak[0] ?? 0;
  const above = probabilities.findIndex((probability) => probability > wanted);
  const high = Math.max(1, above < 0 ? probabilities.length - 1 : above);
  const depth = (probability: number) => -Math.log(1 - probability);
  const from = depth(probabilities[high - 1]!);
  const to = depth(probabilities[high]!);
  const slope = (peak[high]! - peak[high - 1]!) / (to - from);
  return Math.max(0, peak[high - 1]! + slope * (depth(wanted) - from));
}
