/**
 * Everything that crosses the border of a workflow: names, ids, inputs, signals, updates, queries and what activities
 * take and give. All of it is plain JSON, small, and stays readable in the Temporal UI.
 */
import { defineSearchAttributeKey } from '@temporalio/common';
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { TailPoint } from '../core/capacity/demandTail';
import type { PlanRule } from '../core/capacity/plan';
import type { CategoryMode, CategorySettings } from '../core/demand/category';
import type { DemandEvent } from '../core/events/event';
import type { FeedDefinition, FeedInput } from '../core/events/feed';
import type { AccuracyFigures } from '../core/forecasting/accuracy';
import type { Drift } from '../core/forecasting/drift';
import type { BlockCost } from '../core/forecasting/planCost';
import type { Choice, Configuration } from '../core/forecasting/selection';
import type { Distrust } from '../core/forecasting/trust';

/** Where fits run, so that a long one never delays a tick. */
export const trainingQueueOf = (taskQueue: string): string => `${taskQueue}-train`;

export const workflowTypes = {
  allocateCategory: 'allocateCategory',
  retrainCategory: 'retrainCategory',
  syncEvents: 'syncEvents',
} as const;

export const categoryWorkflowId = (category: string): string => `category:${category}`;
export const retrainWorkflowId = (category: string): string => `retrain:${category}`;
export const syncWorkflowId = (feed: string): string => `sync:${feed}`;
export const feedScheduleId = (feed: string): string => `feed:${feed}`;

/** Created on the namespace by `pam up`; see `searchAttributeTypes`. */
export const searchAttributes = {
  category: defineSearchAttributeKey('PamCategory', 'KEYWORD'),
  mode: defineSearchAttributeKey('PamMode', 'KEYWORD'),
  nodes: defineSearchAttributeKey('PamNodes', 'INT'),
  /** Absolute error of the forecasts ÷ that of the last value, over the last day. */
  accuracy: defineSearchAttributeKey('PamAccuracy', 'DOUBLE'),
  /** `none`, or what has drifted: `level`, `error`, `calibration`, several with a plus between them. */
  drift: defineSearchAttributeKey('PamDrift', 'KEYWORD'),
} as const;

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
export interface LeadSummary {
  readonly bins: number;
  readonly ms: number;
  readonly configuredMs: number;
  /** Since when it is another than configured; null = it is as configured. */
  readonly sinceMs: number | null;
  readonly reason: string;
  /** What its owner should look at; null when all is well. */
  readonly warning: string | null;
  /** Orders and nodes that were measured lately, and the orders that brought no node within the longest lead. */
  readonly orders: number;
  readonly nodes: number;
  readonly failed: number;
  /** From the order to routable; null where it is not known. */
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
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
  readonly requestsPerNode: number;
}

/** Input of `scale`. */
export interface ScaleInput {
  readonly settings: CategorySettings;
  readonly nodes: number;
  /** The workflow and run that asked, for the nodes' `createdBy` tag. */
  readonly createdBy: string;
}

/** Result of `scale`. */
export interface ScaleSummary {
  readonly created: number;
  readonly removed: number;
  readonly provisioned: number;
  readonly stack: string;
  readonly tookMs: number;
}

/** Input of `verify`. */
export interface VerifyInput {
  readonly settings: CategorySettings;
  /** The decision whose outcome is recorded; null for a look between two ticks. */
  readonly decisionId: string | null;
  readonly planned: number;
  /** Requests per bin that one node serves, as the last decision had it; null before the first. */
  readonly requestsPerNode: number | null;
  /** The model of the latest forecast. */
  readonly modelId?: string | null;
  /** When the last training ended, ms; null = none yet. */
  readonly trainedMs?: number | null;
  /** When the nodes that this decision asked for were first asked for, ms; null for a look between two ticks. */
  readonly orderedMs?: number | null;
}

/** How good the forecasts of the model in service were over the last day, and what has changed. */
export interface AccuracySummary {
  readonly modelId: string | null;
  /** Absolute error of the medians at all horizons ÷ that of the last value; null without scores. */
  readonly relativeError: number | null;
  /** Per horizon; `aheadMs` 0 = the peak over the lead window. */
  readonly targets: readonly ({ readonly aheadMs: number } & AccuracyFigures)[];
  /** What was found to have changed and no training has answered yet. */
  readonly drifts: readonly Drift[];
}

/** Result of `verify`. */
export interface VerifySummary {
  readonly provisioned: number;
  readonly routable: number;
  /** Requests per bin at the rate measured since the last bin; null without measurement. */
  readonly measuredDemand: number | null;
  readonly utilization: number | null;
  /** Share of late requests in the last measured bin; null without measurement. */
  readonly lateShare: number | null;
  /** More nodes at once, because what is measured exceeds what was provisioned for; null when all is well. */
  readonly scaleUp: { readonly nodes: number; readonly reason: string } | null;
  /** In a sentence: what was found. */
  readonly finding: string;
  /** Looked at once a tick; null in between and where scoring failed. */
  readonly accuracy?: AccuracySummary | null;
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

/** Answer of the `status` query. */
export interface CategoryStatus {
  readonly category: string;
  readonly mode: CategoryMode | 'paused' | 'stopping';
  readonly counts: NodeCounts;
  readonly settings: CategorySettings;
  readonly forecast: PredictSummary | null;
  readonly decision: DecisionSummary | null;
  readonly verified: VerifySummary | null;
  /** null before the first scores. */
  readonly accuracy: AccuracySummary | null;
  readonly pendingEvents: readonly DemandEvent[];
  readonly override: Override | null;
  readonly comingOverrides: readonly ComingOverride[];
  /** Signals and steps that failed, newest last: when, what, why. A bad signal changes nothing but this list. */
  readonly rejected: readonly { readonly atMs: number; readonly what: string; readonly why: string }[];
  readonly ticks: { readonly done: number; readonly skipped: number; readonly nextMs: number };
  readonly training: {
    readonly running: boolean;
    readonly lastResult: string | null;
    /** Attempts in a row that left the model in use; each doubles the time to the next. */
    readonly keptInARow: number;
    /** Before this no training begins unless something is wrong with the model, ms. */
    readonly nextAttemptMs: number;
  };
}

export const signals = {
  /** See `eventAnnouncement` for the fields; name, start and duration are enough. A list of messages, too. */
  calendarEvent: defineSignal<[unknown]>('calendarEvent'),
  pause: defineSignal<[unknown?]>('pause'),
  resume: defineSignal('resume'),
  stop: defineSignal<[unknown?]>('stop'),
} as const;

export const updates = {
  configure: defineUpdate<CategorySettings, [unknown]>('configure'),
  setNodes: defineUpdate<Override | ComingOverride | null, [unknown]>('setNodes'),
} as const;

export const queries = {
  status: defineQuery<CategoryStatus>('status'),
  decisions: defineQuery<DecisionSummary[], [number?]>('decisions'),
} as const;

/** Input of `retrainCategory`; a category's name is enough. */
export interface RetrainInput {
  readonly category: string;
  readonly reason?: string;
  /** Families to try; absent: all that the history can carry. */
  readonly families?: readonly string[];
  /** `wide` (default): when no family is clearly better, windows and parameters too; `families`: not. */
  readonly search?: 'families' | 'wide';
}

/** Result of `planTraining`: what a category's history can carry, and what serves now. */
export interface TrainingPlan {
  /** End of the history that every candidate is fitted and judged on, ms. */
  readonly toMs: number;
  readonly measuredBins: number;
  readonly configurations: readonly Configuration[];
  /** Families that were left out, with the reason. */
  readonly leftOut: readonly { readonly family: string; readonly reason: string }[];
  readonly incumbent: { readonly modelId: string; readonly family: string } | null;
  /** What was done first: a model that failed in service went back; null when all is well. */
  readonly rolledBack: string | null;
}

/** Input of `judgeIncumbent`; its result is the incumbent as a `CandidateSummary`. */
export interface JudgeIncumbentInput {
  readonly category: string;
  readonly modelId: string;
  readonly toMs: number;
}

/** Input of `fitCandidate`: one configuration, to be fitted and judged on the history up to `toMs`. */
export interface FitCandidateInput {
  readonly category: string;
  readonly configuration: Configuration;
  readonly modelId: string;
  readonly toMs: number;
}

/** A model on the latest days, beside the others; see docs/forecasting.md for the figures. */
export interface CandidateSummary {
  readonly family: string;
  readonly configuration: Configuration;
  readonly modelId: string | null;
  /** Expected cost above foresight ÷ foresight cost; null where it was not judged. */
  readonly waste: number | null;
  /** Share of the judged decisions whose peak was above the quantile at the accepted risk. */
  readonly realizedRisk: number | null;
  readonly decisions: number | null;
  readonly fitMs: number | null;
  /** Node-bins paid and missing, block by block: what the choice is made from. */
  readonly blocks: readonly BlockCost[] | null;
  /** Why there is no model; null when there is one. */
  readonly failure: string | null;
}

/** A candidate that never came to be, with the reason. */
export function lostCandidate(configuration: Configuration, failure: string): CandidateSummary {
  return {
    family: configuration.family,
    configuration,
    modelId: null,
    waste: null,
    realizedRisk: null,
    decisions: null,
    fitMs: null,
    blocks: null,
    failure,
  };
}

/** Input and result of `chooseModel`. */
export interface ChooseModelInput {
  readonly category: string;
  readonly toMs: number;
  readonly incumbent: CandidateSummary | null;
  readonly candidates: readonly CandidateSummary[];
}
export interface ModelChoice extends Choice {
  /** What a wider search would try next. */
  readonly wider: readonly Configuration[];
}

/** Input of `promoteModel`. */
export interface PromoteModelInput {
  readonly category: string;
  /** null: what serves is kept. */
  readonly modelId: string | null;
  /** Why, kept with the models. */
  readonly reason: string;
  readonly rejected: readonly string[];
}

/** Result of `retrainCategory`. */
export interface RetrainResult {
  readonly category: string;
  /** The new incumbent's id; null when what served was kept. */
  readonly promoted: string | null;
  readonly family: string | null;
  readonly outcome: Choice['outcome'] | 'nothing-fitted';
  readonly reason: string;
  readonly rolledBack: string | null;
  /** What served and every candidate, with their figures. */
  readonly incumbent: Omit<CandidateSummary, 'blocks'> | null;
  readonly candidates: readonly Omit<CandidateSummary, 'blocks'>[];
}

/**
 * Input of `syncEvents`: a feed as its owner defines it, or the name of one that is known. `withdraw` calls off
 * whatever it announced and has not ended, and forgets it.
 */
export type SyncEventsInput = FeedInput | { readonly feed: string; readonly withdraw?: boolean };

/** Result of `fetchFeed`: the content itself is in PostgreSQL. */
export interface FetchFeedSummary {
  /** False: it is as it was at the last look. */
  readonly changed: boolean;
  readonly bytes: number | null;
}

/** Input of `storeEvents`. */
export interface StoreEventsInput {
  readonly definition: FeedDefinition;
  /** Call off all that has not ended and forget the feed, instead of reading its content. */
  readonly withdraw: boolean;
}

/** What a look at a feed changed for one category. */
export interface CategoryChanges {
  readonly category: string;
  readonly added: number;
  readonly moved: number;
  readonly withdrawn: number;
  /** `calendarEvent` messages about what has not ended, nearest first; further ones are only in the store. */
  readonly messages: readonly unknown[];
}

/** Result of `storeEvents`. */
export interface StoreEventsSummary {
  readonly categories: readonly CategoryChanges[];
  readonly unchanged: number;
  /** Coming events that the feed no longer names and that stay, because part of it could not be read. */
  readonly spared: number;
  /** What could not be read or only with an assumption, the first of them, with line and reason. */
  readonly problems: readonly string[];
  readonly problemCount: number;
}

/** Result of `syncEvents`: what changed, in numbers and words. */
export interface SyncEventsResult {
  readonly feed: string;
  readonly added: number;
  readonly moved: number;
  readonly withdrawn: number;
  readonly unchanged: number;
  readonly problems: readonly string[];
  /** Categories that were told. */
  readonly signalled: readonly string[];
  /** Categories that do not run: they find the events in the store when they do. */
  readonly notRunning: readonly string[];
  readonly summary: string;
}
