/** What people may ask of a running category and what it answers: signals, updates, queries. */

import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { PoolHealth } from '../../core/capacity/nodeHealth';
import type { CategoryMode } from '../../core/category/schema';
import type { CategorySettings } from '../../core/category/settings';
import type { DemandEvent } from '../../core/events/event';
import type { AccuracySummary, VerifySummary } from './acting';
import type {
  ComingOverride,
  DecisionSummary,
  HoldSummary,
  LeadSummary,
  NodeCounts,
  Override,
  PredictSummary,
} from './deciding';

/** When and why the planned number became what it is. */
export interface NodeChange {
  readonly atMs: number;
  /** Planned before; null at the first decision. */
  readonly from: number | null;
  readonly planned: number;
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
  /** The last decision that planned another number than the one before; null before the first. */
  readonly change: NodeChange | null;
  readonly verified: VerifySummary | null;
  /** What is planned with; null before the first tick. */
  readonly lead: LeadSummary | null;
  readonly hold: HoldSummary | null;
  /** null before the first scores. */
  readonly accuracy: AccuracySummary | null;
  /** Unhealthy nodes, those that are being replaced and those that were within the hour; null when there are none. */
  readonly health: PoolHealth | null;
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
