/** What the activities that decide for a category take and give: recordEvents, predict, calculate. */
import type { TailPoint } from '../../core/capacity/demandTail';
import type { LeadTime } from '../../core/capacity/leadTime';
import type { PlanRule } from '../../core/capacity/plan';
import type { CategorySettings } from '../../core/category/settings';
import type { Distrust } from '../../core/evaluation/accuracy/trust';
import type { DemandEvent } from '../../core/events/event';

/** The four counts, never to be mixed up. */
export interface NodeCounts {
  readonly required: number;
  readonly planned: number;
  readonly provisioned: number;
  readonly routable: number;
}

/** What woke the loop. */
export type TickTrigger =
  | 'start'
  | 'bin'
  | 'event'
  | 'override'
  | 'configure'
  | 'resume'
  | 'pause'
  | 'measured';

/** Input of `recordEvents`: what signals announced or withdrew. */
export interface RecordEventsInput {
  readonly category: string;
  readonly announced: readonly DemandEvent[];
  readonly withdrawn: readonly { readonly id: string; readonly source: string }[];
}

/** Input of `predict`. */
export interface PredictInput {
  /** Chosen by the workflow, so that a retry writes the same row again. */
  readonly forecastId: string;
  readonly settings: CategorySettings;
  /** Start of the bin that begins now, ms: what ended before it may be used. */
  readonly originMs: number;
  /** As the last prediction had it. */
  readonly distrust?: Distrust | null;
  /** When nodes were first asked for that do not exist yet, ms; null when all do. */
  readonly unmetSinceMs?: number | null;
}

/** The lead that is planned with, and what it rests on; durations in ms. */
export interface LeadSummary extends Omit<LeadTime, 'raisedMs' | 'loweredMs'> {
  readonly ms: number;
  readonly configuredMs: number;
  /** Since when it is another than configured; null = it is as configured. */
  readonly sinceMs: number | null;
}

/** The scale-down hold that is planned with; times in ms. */
export interface HoldSummary {
  readonly ms: number;
  /** Whether its owner pinned it, a review of the latest decisions chose it, or there was none yet. */
  readonly by: 'settings' | 'review' | 'default';
  /** When it was reviewed; null = it was not. */
  readonly reviewedMs: number | null;
  readonly reason: string;
}

/** How far a category has learned: nothing known; the last value with its errors; another's model; its own. */
export type LearningStage = 'default' | 'last-value' | 'borrowed-model' | 'own-model';

/** Result of `predict`: a summary; the whole forecast is in PostgreSQL under `forecastId`. */
export interface PredictSummary {
  readonly forecastId: string;
  readonly originMs: number;
  readonly stage: LearningStage;
  /** `default` while there is no history, then the family of the model in use. */
  readonly family: string;
  readonly modelId: string | null;
  /** Quantile at 1 − risk of the peak over the lead window, requests per bin; null without history. */
  readonly peakDemand: number | null;
  /** The same at the risk that new nodes are ordered at, see `orderRisk`; absent in histories from before there was one. */
  readonly orderDemand?: number | null;
  /** Quantiles of that peak, ascending, requests per bin: what sharing a scarce fleet is decided on. */
  readonly peakQuantiles: readonly TailPoint[];
  /** Requests per bin in the last measured bin; null when it is missing. */
  readonly lastDemand: number | null;
  /** Per horizon: ms ahead, and the median and upper (1 − risk) quantile, requests per bin. */
  readonly horizons: readonly { readonly aheadMs: number; readonly p50: number; readonly upper: number }[];
  /** In a sentence: from what this was predicted. */
  readonly basis: string;
  /** Why a model should be trained now; null when there is no need. */
  readonly trainingDue: string | null;
  /** The model fails in service: no back-off holds the training up. */
  readonly trainingUrgent?: boolean;
  /** Why the last value stands in for the model of the category, and since when; null while the model is trusted. */
  readonly distrust?: Distrust | null;
  /** Absent in histories from before it was measured. */
  readonly lead?: LeadSummary;
  /** Absent in histories from before it was chosen. */
  readonly hold?: HoldSummary;
}

export interface Override {
  readonly nodes: number;
  readonly untilMs: number;
  readonly reason: string;
}

/** An override that begins later; its nodes are ordered so that they are there by then. */
export interface ComingOverride extends Override {
  readonly fromMs: number;
}

/** Input of `calculate`. */
export interface CalculateInput {
  readonly decisionId: string;
  readonly settings: CategorySettings;
  readonly trigger: TickTrigger;
  readonly atMs: number;
  /** null when `predict` failed: nothing is known. */
  readonly predicted: PredictSummary | null;
  readonly provisioned: number;
  readonly routable: number;
  readonly previousPlanned: number | null;
  /** `required` of the decisions within the scale-down hold, oldest first. */
  readonly recentRequired: readonly number[];
  readonly override: Override | null;
  /** Overrides that have not begun, by start. */
  readonly coming?: readonly ComingOverride[];
  readonly paused: boolean;
  /** What is done about unhealthy nodes, and why; told with the reason of the decision. */
  readonly health?: string | null;
  /** What `verify` asks for because more is measured than was provisioned for. */
  readonly atLeast: { readonly nodes: number; readonly reason: string } | null;
}

/** Result of `calculate`. */
export interface DecisionSummary {
  readonly decisionId: string;
  readonly atMs: number;
  readonly trigger: TickTrigger;
  readonly required: number;
  readonly planned: number;
  readonly rule: PlanRule;
  /** The reason in words and numbers. */
  readonly reason: string;
  /** Requests per bin that one node serves. */
  readonly requestsPerNodeBin: number;
}
