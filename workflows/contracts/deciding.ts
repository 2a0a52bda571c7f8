/** What the activities that decide for a category take and give: recordEvents, predict, calculate. */
import type { LeadTime } from '../../core/capacity/leadTime';
import type { PlanRule } from '../../core/capacity/plan';
import type { CategorySettings } from '../../core/category/settings';
import type { DemandEvent } from '../../core/events/event';
import type { PeakQuantiles } from '../../core/forecasting/peakQuantile';
import type { LearningStage } from '../../core/serving/countingForecast';
import type { DemandToPlanFor } from '../../core/serving/demandToPlanFor';
import type { Distrust } from '../../core/serving/distrust';
import type { RequiredAt } from '../../core/serving/requiredWindow';

export type { LearningStage };

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
  /** When the tick began, ms: what ended before the bin of this instant may be used. */
  readonly atMs: number;
  /** As the last prediction had it. */
  readonly distrust: Distrust | null;
}

/** The category's own model, as far as others than `predict` need it. */
export interface IncumbentSummary {
  readonly id: string;
  readonly trainedToMs: number;
  /** The lead that it was fitted for; null where that was not kept. */
  readonly leadBins: number | null;
}

/** Result of `predict`: a summary; the whole forecast is in PostgreSQL under `forecastId`. */
export interface PredictSummary extends DemandToPlanFor {
  readonly forecastId: string;
  readonly originMs: number;
  readonly stage: LearningStage;
  /** `default` while there is no history, then the family of the model in use. */
  readonly family: string;
  /** The model that made the forecast alone; null for the last value and what it had a part in. */
  readonly modelId: string | null;
  /** null while the category has no model of its own. */
  readonly incumbent: IncumbentSummary | null;
  /** The lead in use: the window of the peak is the bin that starts now and as many after it. */
  readonly leadBins: number;
  /** Of that peak: what sharing a scarce fleet is decided on; empty without history. */
  readonly peak: PeakQuantiles;
  /** Requests per bin in the last measured bin; null when it is missing. */
  readonly lastDemand: number | null;
  /** Per horizon: ms ahead, and the median and upper (1 − risk) quantile, requests per bin. */
  readonly horizons: readonly { readonly aheadMs: number; readonly p50: number; readonly upper: number }[];
  /** In a sentence: from what this was predicted. */
  readonly basis: string;
  /** Why the last value stands in for the model of the category, and since when; null while the model is trusted. */
  readonly distrust: Distrust | null;
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
  /** Of earlier decisions, as far back as the longest scale-down hold looks, oldest first. */
  readonly required: readonly RequiredAt[];
  readonly override: Override | null;
  /** Overrides that have not begun, by start. */
  readonly coming: readonly ComingOverride[];
  readonly paused: boolean;
  /** What is done about unhealthy nodes, and why; named with the reason of the decision. */
  readonly health: string | null;
  /** What `verify` asks for because more is measured than was provisioned for. */
  readonly atLeast: { readonly nodes: number; readonly reason: string } | null;
}

/** A decision, in short. */
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

/** The scale-down hold that is planned with; times in ms. */
export interface HoldSummary {
  readonly ms: number;
  /** Whether its owner pinned it, a review of the latest decisions chose it, or there was none yet. */
  readonly by: 'settings' | 'review' | 'default';
  /** When it was reviewed; null = it was not. */
  readonly reviewedMs: number | null;
  readonly reason: string;
}

/** Result of `calculate`. */
export interface CalculateSummary extends DecisionSummary {
  readonly hold: HoldSummary;
}

/** The lead that is planned with from the next prediction on, and what it rests on; durations in ms. */
export interface LeadSummary extends Omit<LeadTime, 'raisedMs' | 'loweredMs'> {
  readonly ms: number;
  readonly configuredMs: number;
  /** Since when it is another than configured; null = it is as configured. */
  readonly sinceMs: number | null;
}
