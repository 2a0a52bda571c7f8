/** Types of the step quantiles → required → planned. */

/** What a decision rests on, in numbers. Node counts are whole nodes; demand is requests per bin. */
export interface PlanInput {
  /** Upper quantile, at 1 − risk, of the peak over the lead window; null without a usable forecast. */
  readonly peakDemand: number | null;
  /** The last measured bin; null when missing. */
  readonly lastDemand: number | null;
  /** Requests that one node serves in one bin at its accepted utilization. */
  readonly requestsPerNode: number;
  readonly provisioned: number;
  /** The planned number of the last decision; null on the first. */
  readonly previousPlanned: number | null;
  /** `required` of earlier decisions within the scale-down hold, newest last. */
  readonly recentRequired: readonly number[];
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
  | 'no-data-hold'
  | 'scale-down-hold'
  | 'measured-above-planned'
  | 'bounded-by-minimum'
  | 'bounded-by-maximum'
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
