/**
 * Everything that crosses the border of a workflow: names, ids, inputs, signals, updates, queries and what activities
 * take and give. All of it is plain JSON, small, and stays readable in the Temporal UI.
 */
import { defineSearchAttributeKey } from '@temporalio/common';
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { PlanRule } from '../core/capacity/plan';
import type { CategoryMode, CategorySettings } from '../core/demand/category';
import type { DemandEvent } from '../core/events/event';

/** Where fits run, so that a long one never delays a tick. */
export const trainingQueueOf = (taskQueue: string): string => `${taskQueue}-train`;

export const workflowTypes = {
  allocateCategory: 'allocateCategory',
  retrainCategory: 'retrainCategory',
} as const;

export const categoryWorkflowId = (category: string): string => `category:${category}`;
export const retrainWorkflowId = (category: string): string => `retrain:${category}`;

/** Created on the namespace by `pam up`; see `searchAttributeTypes`. */
export const searchAttributes = {
  category: defineSearchAttributeKey('PamCategory', 'KEYWORD'),
  mode: defineSearchAttributeKey('PamMode', 'KEYWORD'),
  nodes: defineSearchAttributeKey('PamNodes', 'INT'),
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

/** Result of `predict`: a summary; the whole forecast is in PostgreSQL under `forecastId`. */
export interface PredictSummary {
  readonly forecastId: string;
  readonly originMs: number;
  /** `default` while there is no history, then the family of the incumbent. */
  readonly family: string;
  readonly modelId: string | null;
  /** Quantile at 1 − risk of the peak over the lead window, requests per bin; null without history. */
  readonly peakDemand: number | null;
  /** Requests per bin in the last measured bin; null when it is missing. */
  readonly lastDemand: number | null;
  /** Per horizon: ms ahead, and the median and upper (1 − risk) quantile, requests per bin. */
  readonly horizons: readonly { readonly aheadMs: number; readonly p50: number; readonly upper: number }[];
  /** In a sentence: from what this was predicted. */
  readonly basis: string;
  /** Why a model should be trained now; null when there is no need. */
  readonly trainingDue: string | null;
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

/** Result of `scale`. */
export interface ScaleSummary {
  readonly created: number;
  readonly removed: number;
  readonly provisioned: number;
  readonly stack: string;
  readonly tookMs: number;
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
}

export interface Override {
  readonly nodes: number;
  readonly untilMs: number;
  readonly reason: string;
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
  readonly pendingEvents: readonly DemandEvent[];
  readonly override: Override | null;
  /** Signals and steps that failed, newest last: when, what, why. A bad signal changes nothing but this list. */
  readonly rejected: readonly { readonly atMs: number; readonly what: string; readonly why: string }[];
  readonly ticks: { readonly done: number; readonly skipped: number; readonly nextMs: number };
  readonly training: { readonly running: boolean; readonly lastResult: string | null };
}

export const signals = {
  /** See `calendarEventSignal` for the fields; name or title, start and duration are enough. */
  calendarEvent: defineSignal<[unknown]>('calendarEvent'),
  pause: defineSignal<[unknown?]>('pause'),
  resume: defineSignal('resume'),
  stop: defineSignal<[unknown?]>('stop'),
} as const;

export const updates = {
  configure: defineUpdate<CategorySettings, [unknown]>('configure'),
  setNodes: defineUpdate<Override | null, [unknown]>('setNodes'),
} as const;

export const queries = {
  status: defineQuery<CategoryStatus>('status'),
  decisions: defineQuery<DecisionSummary[], [number?]>('decisions'),
} as const;

/** Result of `retrainCategory`. */
export interface RetrainResult {
  readonly category: string;
  readonly promoted: string | null;
  readonly family: string | null;
  readonly reason: string;
  readonly candidates: readonly {
    readonly family: string;
    readonly modelId: string | null;
    readonly peakLossRatio: number | null;
    readonly realizedRisk: number | null;
    readonly fitMs: number | null;
    readonly failure: string | null;
  }[];
}
