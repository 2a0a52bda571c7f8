/**
 * What earlier decisions required and the scale-down hold → the numbers that still keep nodes from being given up. Light,
 * since workflows use it.
 */
import { longestHoldBins } from '../capacity/hold';

/** `required` of one decision. */
export interface RequiredAt {
  readonly atMs: number;
  readonly required: number;
}

/** With the decision added, oldest first; what no hold up to `longestMs` can look at any more is forgotten. */
export function withRequired(
  window: readonly RequiredAt[],
  decision: RequiredAt,
  longestMs: number,
): RequiredAt[] {
  const keptFromMs = decision.atMs - longestMs;
  return [...window, decision].filter(({ atMs }) => atMs > keptFromMs).slice(-longestHoldBins);
}

/** Of the decisions that are younger than the hold at `atMs`, oldest first; the one being made is not among them. */
export function requiredWithin(window: readonly RequiredAt[], atMs: number, holdMs: number): number[] {
  return window.filter((decision) => decision.atMs > atMs - holdMs).map(({ required }) => required);
}
