/** Types of the step quantiles → required → planned. */

/** What a decision rests on, in numbers. Node counts are whole nodes; demand is requests per bin. */
export interface PlanInput {
  /** Upper quantile, at 1 − risk, of the peak over the lead window; null without a usable forecast. */
  readonly peakDemand: number | null;
  /**
   * The same quantile at 1 − `orderRiskFactor` · risk, at most `peakDemand`: new nodes are ordered only up to this, while
   * those that exist are kept up to `peakDemand`. Absent or null: `peakDemand` for both.
   */
  readonly orderDemand?: number | null;
  /** The last measured bin; null when missing. */
  readonly lastDemand: number | null;
  /** Requests that one node serves in one bin at its accepted utilization. */
  readonly requestsPerNodeBin: number;
  readonly provisioned: number;
  /** Planned nodes of the last decision; null at the first one. */
  readonly previousPlanned: number | null;
  /** `required` of earlier decisions within the scale-down hold, newest last. */
  readonly recentRequired: readonly number[];
  /** The scale-down hold, ms, to be named in the reason. */
  readonly holdMs?: number;
  readonly headroom: number;
  readonly nodes: { readonly min: number; readonly max: number; readonly initial: number };
  readonly override: { readonly nodes: number; readonly reason: string } | null;
  readonly paused: boolean;
  /** What `verify` asks for because more is measured than was provisioned for; raises `required`. */
  readonly atLeast?: { readonly nodes: number; readonly reason: string } | null;
}

export type PlanRule =
  | 'forecast'
  | 'default-allocation'
  | 'no-data'
  | 'scale-down-hold'
  | 'order-not-worth-it-yet'
  | 'measured-above-planned'
  | 'bounded-by-minimum'
  | 'bounded-by-maximum'
  | 'bounded-by-step'
  | 'bounded-by-fleet'
  | 'bounded-by-policy'
  | 'error-budget'
  | 'demand-doubted'
  | 'last-bin-missing'
  | 'maintenance'
  | 'coming-window'
  | 'override'
  | 'paused';

/** A decision: how many nodes the arithmetic asks for and how many to have, with the reason in words and numbers. */
export interface Plan {
  readonly required: number;
  readonly planned: number;
  /** The rule that settled `planned`. */
  readonly rule: PlanRule;
  readonly reason: string;
}

/**
 * An order can still be placed a bin later at the cost of one bin's capacity; a node that is given up is gone for the
 * whole lead time. So ordering may wait for twice the accepted risk where keeping may not. See docs/forecasting.md.
 */
export const orderRiskFactor = 2;

/**
 * Nodes are given up only when fewer were required for this long, until a category's own decisions show which hold is
 * worth most, see holdChoice.ts. With a shorter one waste is a few per cent less and changes are a quarter more.
 */
export const defaultScaleDownHoldMs = 120_000;

/** Highest risk at which nodes are ordered, whatever is accepted: below the median there is nothing to prepare for. */
const riskiestOrder = 0.7;

/** The risk at which new nodes are ordered, for an accepted one. */
export function orderRisk(risk: number): number {
  return Math.max(risk, Math.min(riskiestOrder, orderRiskFactor * risk));
}
