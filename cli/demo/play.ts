/**
 * A plan → history and events stored, workflows started, requests sent, the table drawn; returns what the load
 * generator and the last status queries saw.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { PamError } from '../../core/errors';
import type { DemandStore, LiveBinRow } from '../../ports/stores/demand/demandStore';
import type { EventStore } from '../../ports/stores/events/eventStore';
import type { PlayedCategory, PlayPlan } from '../../simulation/workload/playPlan';
import type { CategoryStatus } from '../../workflows/contracts';
import type { Screen } from '../text/screen';
import { type CalendarFeeds, demoSource } from './calendarFeeds';
import type { CategoryWorkflows } from './categoryWorkflows';
import { liveTable } from './liveTable';
import { startLoad } from './load/loadThread';
import { addBins, emptyBin, type LoadBin, type LoadPlan, type LoadReport } from './load/loadTypes';
import type { PlayedLoad } from './result/collectResult';

export interface PlayStage {
  readonly workflows: CategoryWorkflows;
  readonly feeds: CalendarFeeds;
  readonly demand: Pick<DemandStore, 'appendLive'>;
  readonly events: Pick<EventStore, 'put'>;
  /** Where requests enter. */
  readonly listenUrl: string;
  readonly uiUrl: string | null;
  readonly screen: Screen;
  readonly report: (line: string) => void;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly now: () => number;
}

export interface Played extends PlayedLoad {
  readonly statuses: ReadonlyMap<string, CategoryStatus | null>;
  readonly worstSendLagMs: number;
  readonly failures: Readonly<Record<string, number>>;
}

/** Source of the bins that a demo imports; a later demo recognizes them by it. */
export const historySource = 'demo';
const maxInFlight = 600;
const requestTimeoutMs = 10_000;
const appendAtOnce = 5_000;

/** Stores the history and the past events, as the feed would have stored them. */
export async function layHistory(plan: PlayPlan, stage: PlayStage): Promise<void> {
  for (const category of plan.categories) {
    const rows = category.history.map((bin) => historyRow(category.name, plan.binMs, bin));
    for (let at = 0; at < rows.length; at += appendAtOnce)
      await stage.demand.appendLive(rows.slice(at, at + appendAtOnce));
    const source = demoSource(category.name);
    if (category.pastEvents.length > 0)
      await stage.events.put(
        category.name,
        category.pastEvents.map((event) => ({ ...event, source })),
      );
    stage.report(
      `${category.name}: ${rows.length} bins of history${category.pastEvents.length > 0 ? ` and ${category.pastEvents.length} past events` : ''} stored, counts × ${category.factor.toPrecision(3)}`,
    );
    stage.signal.throwIfAborted();
  }
}

/**
 * A bin of a demo as stored: only its requests are known. Its source allows a later demo to remove it. It is stored as if it
 * had been measured, so that nothing is measured before the traffic begins: the proxy would see no request by then.
 */
export function historyRow(
  category: string,
  binMs: number,
  { startMs, requests }: PlayedCategory['history'][number],
): LiveBinRow {
  return {
    category,
    source: historySource,
    widthMs: binMs,
    startMs,
    requests,
    busySeconds: null,
    capacitySeconds: null,
    latencyMeanMs: null,
    latencyP99Ms: null,
    late: null,
    errors: null,
  };
}

/**
 * Starts every category with the feed of its calendar, and waits for decisions and routable nodes, at most until the
 * traffic begins.
 */
export async function startCategories(plan: PlayPlan, stage: PlayStage): Promise<void> {
  for (const category of plan.categories) {
    await stage.workflows.start(category);
    await stage.feeds.add(category, stage.report);
  }
  const waiting = new Set(plan.categories.map(({ name }) => name));
  while (waiting.size > 0 && stage.now() < plan.warmUpFromMs) {
    await sleep(400, undefined, { signal: stage.signal });
    for (const name of waiting) {
      const status = await stage.workflows.status(name);
      if (status?.decision == null || status.counts.routable === 0) continue;
      waiting.delete(name);
      stage.report(`${name}: ${status.counts.routable} nodes take traffic; ${status.decision.reason}`);
    }
  }
  if (waiting.size > 0)
    stage.report(
      `not ready before the traffic begins: ${[...waiting].join(', ')}; the shared pool serves until then`,
    );
}

/** Sends the warm-up and the evaluated part, and draws the table. Resolves when every request has its answer. */
export async function playTraffic(plan: PlayPlan, stage: PlayStage): Promise<Played> {
  const bins = new Map<string, LoadBin[]>(plan.categories.map(({ name }) => [name, []]));
  const statuses = new Map<string, CategoryStatus | null>(plan.categories.map(({ name }) => [name, null]));
  let finished: Extract<LoadReport, { kind: 'finished' }> | null = null;
  const load = startLoad(loadPlanOf(plan, stage), (report) => {
    if (report.kind === 'finished') finished = report;
    else for (const { category, bin, ...counts } of report.bins) setBin(bins.get(category), bin, counts);
  });
  const stopLoad = () => load.stop();
  stage.signal.addEventListener('abort', stopLoad, { once: true });
  let over = false;
  const done = load.done.finally(() => {
    over = true;
  });
  done.catch(() => undefined);
  try {
    for (let look = 0; !over && !stage.signal.aborted; look++) {
      if (look % 2 === 0) await refresh(statuses, stage.workflows);
      stage.screen.draw(liveTable(viewOf(plan, stage, bins, statuses)));
      await sleep(Math.min(1_000, plan.binMs / 3), undefined, { signal: stage.signal }).catch(
        () => undefined,
      );
    }
  } finally {
    stage.signal.removeEventListener('abort', stopLoad);
    stage.screen.end();
  }
  await done;
  stage.signal.throwIfAborted();
  await refresh(statuses, stage.workflows);
  const end = finished as Extract<LoadReport, { kind: 'finished' }> | null;
  if (end === null) throw new PamError('UNAVAILABLE', 'the load generator ended without its report');
  return { bins, statuses, ...end };
}

function loadPlanOf(plan: PlayPlan, { listenUrl, seed }: PlayStage): LoadPlan {
  return {
    targetUrl: listenUrl,
    fromMs: plan.warmUpFromMs,
    binMs: plan.binMs,
    streams: plan.categories.map(({ name, input, counts, objectiveMs }) => ({
      category: name,
      match: input.match,
      counts,
      objectiveMs,
    })),
    seed,
    spread: 'even',
    maxInFlight,
    timeoutMs: requestTimeoutMs,
  };
}

function setBin(bins: LoadBin[] | undefined, index: number, counts: LoadBin): void {
  if (bins === undefined) return;
  while (bins.length < index) bins.push(emptyBin);
  bins[index] = counts;
}

async function refresh(
  statuses: Map<string, CategoryStatus | null>,
  workflows: CategoryWorkflows,
): Promise<void> {
  await Promise.all(
    [...statuses.keys()].map(async (name) => {
      const status = await workflows.status(name);
      if (status !== null) statuses.set(name, status);
    }),
  );
}

function viewOf(
  plan: PlayPlan,
  { uiUrl, screen, now }: PlayStage,
  bins: ReadonlyMap<string, readonly LoadBin[]>,
  statuses: ReadonlyMap<string, CategoryStatus | null>,
): Parameters<typeof liveTable>[0] {
  const nowMs = now();
  const lastBin = Math.floor((nowMs - plan.warmUpFromMs) / plan.binMs) - 1;
  return {
    plan,
    nowMs,
    uiUrl,
    statuses,
    lastBins: new Map([...bins].map(([name, known]) => [name, known[lastBin] ?? null])),
    totals: new Map([...bins].map(([name, known]) => [name, addBins(known)])),
    width: screen.width,
  };
}
