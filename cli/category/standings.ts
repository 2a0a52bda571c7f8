/**
 * A client and a database → the standing of every category that runs or ended lately: from the workflow’s own answer,
 * else from what is stored. Workflows are asked in parallel, each with its own time-out, so a dead worker delays the
 * list by seconds and stops nothing.
 */
import type { Client } from '@temporalio/client';
import type { Database } from '../../adapters/postgres';
import type { CategoryStatus, NodeCounts } from '../../workflows/contracts';
import { askStatus } from './askStatus';
import { type CategoryWorkflow, findCategories } from './findCategories';

export interface Standing {
  readonly category: string;
  /**
   * `active`, `forecast-only`, `paused`, `stopping`; `no answer` if no worker answers for a running category; after
   * its end, Temporal’s word in lower case.
   */
  readonly state: string;
  /** null if nothing is known. */
  readonly counts: NodeCounts | null;
  /** `workflow`: as of now. `stored`: as of the last decision in the database. */
  readonly source: 'workflow' | 'stored' | null;
  /** Requests per bin. */
  readonly demand: {
    /** In the last measured bin; null = missing. */
    readonly actual: number | null;
    /** Median ahead by `aheadMs`; null without a forecast. */
    readonly predicted: number | null;
    readonly aheadMs: number | null;
    /** Quantile at 1 − risk of the peak over the lead window. */
    readonly peak: number | null;
  };
  /** Of the last day's forecasts; null before the first scores. */
  readonly accuracy: {
    /** Absolute error of the medians ÷ that of the last value. */
    readonly relativeError: number | null;
    /** Share of peaks at or below their quantile at 1 − risk, and the accepted share, 1 − risk. */
    readonly coverage: number | null;
    readonly acceptedCoverage: number | null;
  } | null;
  readonly decision: {
    readonly atMs: number;
    readonly trigger: string;
    readonly planned: number;
    readonly rule: string;
    readonly reason: string;
  } | null;
  readonly runId: string;
  readonly startedMs: number;
  readonly closedMs: number | null;
  /** Why the category itself did not answer; null if it did, or has ended. */
  readonly trouble: string | null;
  /** Its whole answer; null without one. */
  readonly status: CategoryStatus | null;
}

/** Most workflows asked at the same time. */
const atOnce = 20;

/** With `database` null, what only the database knows is left out. */
export async function standings(
  client: Client,
  database: Database | null,
  closedSinceMs: number,
  nowMs: number,
): Promise<Standing[]> {
  const workflows = await findCategories(client, closedSinceMs);
  const found: Standing[] = [];
  for (let from = 0; from < workflows.length; from += atOnce)
    found.push(
      ...(await Promise.all(
        workflows.slice(from, from + atOnce).map((workflow) => standingOf(client, database, workflow, nowMs)),
      )),
    );
  return found;
}

async function standingOf(
  client: Client,
  database: Database | null,
  workflow: CategoryWorkflow,
  nowMs: number,
): Promise<Standing> {
  const { category, status, runId, startedMs, closedMs } = workflow;
  const life = { category, runId, startedMs, closedMs };
  if (status === 'RUNNING') {
    const answer = await askStatus(client, category);
    if (answer.kind === 'answered') return { ...life, ...answered(answer.status) };
    const why = answer.kind === 'silent' ? answer.why : 'it ended while it was asked';
    return { ...life, ...(await stored(database, category, nowMs)), state: 'no answer', trouble: why };
  }
  const state = status.toLowerCase().replaceAll('_', ' ');
  return { ...life, ...(await stored(database, category, nowMs)), state, trouble: null };
}

type Told = Omit<Standing, 'category' | 'runId' | 'startedMs' | 'closedMs'>;

export function answered(status: CategoryStatus): Told {
  const { forecast, decision } = status;
  const near = forecast?.horizons[0] ?? null;
  return {
    state: status.mode,
    counts: status.counts,
    source: 'workflow',
    demand: {
      actual: forecast?.lastDemand ?? null,
      predicted: near?.p50 ?? null,
      aheadMs: near?.aheadMs ?? null,
      peak: forecast?.peakDemand ?? null,
    },
    accuracy: accuracyOf(status),
    decision,
    trouble: null,
    status,
  };
}

function accuracyOf({ accuracy }: CategoryStatus): Standing['accuracy'] {
  const peak = accuracy?.targets.find(({ aheadMs }) => aheadMs === 0);
  if (accuracy == null || (accuracy.relativeError === null && peak === undefined)) return null;
  return {
    relativeError: accuracy.relativeError,
    coverage: peak?.coverage ?? null,
    acceptedCoverage: peak?.acceptedCoverage ?? null,
  };
}

/** What the last stored decision says. */
async function stored(database: Database | null, category: string, nowMs: number) {
  const nothing = { counts: null, source: null, accuracy: null, decision: null, status: null } as const;
  const unknown = { actual: null, predicted: null, aheadMs: null, peak: null } as const;
  // A list without the database’s part is better than no list.
  const [last] = (await database?.archive.latest(category, nowMs, 1).catch(() => [])) ?? [];
  if (last === undefined) return { ...nothing, demand: unknown };
  const { plan, provisioned, routable, madeMs: atMs, trigger } = last;
  return {
    ...nothing,
    source: 'stored' as const,
    counts: { required: plan.required, planned: plan.planned, provisioned, routable },
    demand: { ...unknown, actual: last.demand, peak: last.peakDemand },
    decision: { atMs, trigger, planned: plan.planned, rule: plan.rule, reason: plan.reason },
  };
}
