/**
 * What one category's workflow remembers, and how that changes. Plain data and plain functions: the parts that
 * outlive a continue-as-new are carried as they stand here.
 */
import { longestHoldMs } from '../../core/capacity/hold';
import type { PoolHealth } from '../../core/capacity/nodeHealth';
import type { CategorySettings } from '../../core/category/settings';
import type { DemandEvent } from '../../core/events/event';
import { type RequiredAt, withRequired } from '../../core/serving/requiredWindow';
import type {
  AccuracySummary,
  CalculateSummary,
  CategoryStatus,
  ComingOverride,
  DecisionSummary,
  HoldSummary,
  LeadSummary,
  NodeChange,
  NodeCounts,
  Override,
  PredictSummary,
  TickTrigger,
  VerifySummary,
} from '../contracts';

const keptDecisions = 50;
const keptRejections = 20;
const keptEvents = 100;

export interface AllocationState {
  settings: CategorySettings;
  counts: NodeCounts;
  forecast: PredictSummary | null;
  verified: VerifySummary | null;
  accuracy: AccuracySummary | null;
  /** What is planned with; null before the first tick. */
  lead: LeadSummary | null;
  hold: HoldSummary | null;
  /** What the last look found of unhealthy nodes. */
  health: PoolHealth | null;
  /** Newest last. */
  decisions: DecisionSummary[];
  /** The last decision that planned another number than the one before. */
  change: NodeChange | null;
  /** As far back as the longest scale-down hold looks. */
  required: RequiredAt[];
  events: DemandEvent[];
  override: Override | null;
  /** Overrides that begin later, by start. */
  coming: ComingOverride[];
  paused: { reason: string; untilMs: number | null } | null;
  rejected: { atMs: number; what: string; why: string }[];
  ticks: { done: number; skipped: number; lastMs: number | null };
  training: {
    startedMs: number | null;
    /** Before this none is started unless it is urgent; see training.ts for how it grows. */
    nextAttemptMs: number;
    /** Attempts in a row that failed, and that kept the model in use. */
    failures: number;
    kept: number;
    /** When the last urgent one was started, ms. */
    urgentMs: number | null;
    /** When the last one ended, ms. */
    finishedMs: number | null;
    lastResult: string | null;
  };
  /** The rule and the nodes that `scale` last put in place; null before and after a removal. */
  placed: { nodes: number } | null;
  /** When nodes were first asked for that do not exist yet, ms. */
  unmetSinceMs: number | null;
}

/** State that lives only between two continue-as-news. */
export interface Inbox {
  wake: TickTrigger | null;
  announced: DemandEvent[];
  withdrawn: { id: string; source: string }[];
  /** Events as they were before they were moved to a later time. */
  moved: DemandEvent[];
  stopping: { reason: string } | null;
  /** Settings changed and not registered yet. */
  unregistered: boolean;
  /** The last settings that were registered; null before the first. */
  registered: CategorySettings | null;
}

export function firstState(settings: CategorySettings): AllocationState {
  return {
    settings,
    counts: { required: 0, planned: 0, provisioned: 0, routable: 0 },
    forecast: null,
    verified: null,
    accuracy: null,
    lead: null,
    hold: null,
    health: null,
    decisions: [],
    change: null,
    required: [],
    events: [],
    override: null,
    coming: [],
    paused: null,
    rejected: [],
    ticks: { done: 0, skipped: 0, lastMs: null },
    training: {
      startedMs: null,
      nextAttemptMs: 0,
      failures: 0,
      kept: 0,
      urgentMs: null,
      finishedMs: null,
      lastResult: null,
    },
    placed: null,
    unmetSinceMs: null,
  };
}

export function reject(state: AllocationState, atMs: number, what: string, why: string): void {
  state.rejected = [...state.rejected, { atMs, what, why }].slice(-keptRejections);
}

export function remember(state: AllocationState, { hold, ...decision }: CalculateSummary): void {
  const { atMs, required, planned, reason } = decision;
  state.hold = hold;
  const from = state.decisions.at(-1)?.planned ?? null;
  if (planned !== from) state.change = { atMs, from, planned, reason };
  state.decisions = [...state.decisions, decision].slice(-keptDecisions);
  state.required = withRequired(state.required, { atMs, required }, longestHoldMs(state.settings));
  state.counts = { ...state.counts, required, planned };
}

/** The same id from the same source replaces the event; events that are over go, the nearest are kept: all are in the store. */
export function withEvent(events: readonly DemandEvent[], event: DemandEvent, nowMs: number): DemandEvent[] {
  return [
    ...events.filter(
      (known) => known.endMs > nowMs && !(known.id === event.id && known.source === event.source),
    ),
    event,
  ]
    .sort((a, b) => a.startMs - b.startMs)
    .slice(0, keptEvents);
}

/** More are refused: the state of a category stays small. */
export const mostComingOverrides = 50;

/** Notes what `setNodes` asked for; null ends the override in force and calls off all that are to come. */
export function takeOverride(state: AllocationState, override: Override | ComingOverride | null): void {
  if (override === null) {
    state.override = null;
    state.coming = [];
  } else if ('fromMs' in override)
    // The same start again replaces it.
    state.coming = [...state.coming.filter(({ fromMs }) => fromMs !== override.fromMs), override].sort(
      (a, b) => a.fromMs - b.fromMs,
    );
  else state.override = override;
}

/** Begins the overrides whose time has come and ends what had an end: an override, a pause. Tells what changed. */
export function expire(state: AllocationState, nowMs: number): TickTrigger | null {
  state.events = state.events.filter((event) => event.endMs > nowMs);
  const pauseEndMs = state.paused?.untilMs ?? Number.POSITIVE_INFINITY;
  if (pauseEndMs <= nowMs) {
    state.paused = null;
    return 'resume';
  }
  const before = state.override;
  // Of overrides that overlap the one that began last is in force.
  for (const { fromMs, ...override } of state.coming) if (fromMs <= nowMs) state.override = override;
  state.coming = state.coming.filter(({ fromMs }) => fromMs > nowMs);
  if (state.override !== null && state.override.untilMs <= nowMs) state.override = null;
  return state.override === before ? null : 'override';
}

export function statusOf(state: AllocationState, inbox: Inbox, nextMs: number): CategoryStatus {
  return {
    category: state.settings.name,
    mode: inbox.stopping ? 'stopping' : state.paused ? 'paused' : state.settings.mode,
    counts: state.counts,
    settings: state.settings,
    forecast: state.forecast,
    decision: state.decisions.at(-1) ?? null,
    change: state.change,
    verified: state.verified,
    lead: state.lead,
    hold: state.hold,
    accuracy: state.accuracy,
    health: state.health,
    pendingEvents: state.events,
    override: state.override,
    comingOverrides: state.coming,
    rejected: state.rejected,
    ticks: { done: state.ticks.done, skipped: state.ticks.skipped, nextMs },
    training: {
      running: state.training.startedMs !== null,
      lastResult: state.training.lastResult,
      keptInARow: state.training.kept,
      nextAttemptMs: state.training.nextAttemptMs,
    },
  };
}
