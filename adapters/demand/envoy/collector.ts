/**
 * Envoy's counters and the nodes' own word in, one row a bin and category out. Runs in the allocation worker; two of
 * them write the same rows, so no leader is needed. The counters are cumulative and the last sample is stored: a restart of the collector
 * within a few bins loses nothing, a longer silence leaves bins missing.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CategorySettings } from '../../../core/category/settings';
import { addSample, type CounterState, emptyCounterState } from '../../../core/demand/counterBins';
import { countUpTo, meanLatency, percentile } from '../../../core/demand/latency';
import type { Now } from '../../../ports/clock';
import type { RoutingTable } from '../../../ports/routingTable';
import type { CategoryStore } from '../../../ports/stores/categoryStore';
import type { CounterSample, CounterSampleStore } from '../../../ports/stores/counterSampleStore';
import type { BinRow, DemandStore } from '../../../ports/stores/demandStore';
import type { CategoryCounters, EnvoyAdmin } from '../../envoy/adminClient';
import { latencyBoundsMs } from '../../envoy/statNames';
import { type NodeLoad, poolUse, readLoads } from './nodeLoad';

export interface CollectorOptions {
  readonly admin: EnvoyAdmin;
  readonly categories: Pick<CategoryStore, 'list'>;
  readonly demand: Pick<DemandStore, 'append'>;
  readonly samples: CounterSampleStore;
  readonly routing: Pick<RoutingTable, 'endpoints'>;
  /** Told of what failed; collecting goes on. */
  readonly onFailure: (error: unknown) => void;
  readonly now: Now;
}

/** `source` of the rows that come from live monitoring. */
export const liveSource = 'envoy';
/** How often the list of categories is read, and how long a failing proxy is left alone, ms. */
const listEveryMs = 1_000;

interface Followed {
  settings: CategorySettings;
  counters: CounterState;
  loads: ReadonlyMap<string, NodeLoad | null>;
  loadsAtMs: number;
  /** End of the bin that is sampled next. */
  nextMs: number;
}

/** What a look at one category gave; it counts once the rows are stored. */
interface Sampled {
  readonly rows: readonly BinRow[];
  readonly sample: CounterSample;
  readonly state: CounterState;
  readonly loads: ReadonlyMap<string, NodeLoad | null>;
}

export interface Collector {
  /** Collects until `signal` aborts. */
  run(signal: AbortSignal): Promise<void>;
}

export function createCollector(options: CollectorOptions): Collector {
  const followed = new Map<string, Followed>();
  return {
    run: async (signal) => {
      while (!signal.aborted) {
        const nowMs = options.now();
        try {
          await follow(options, followed, nowMs);
          const due = [...followed.values()].filter(({ nextMs }) => nextMs <= options.now());
          if (due.length > 0) await collect(options, due);
        } catch (error) {
          options.onFailure(error);
          await pause(listEveryMs, signal);
        }
        const nextMs = Math.min(
          nowMs + listEveryMs,
          ...[...followed.values()].map((category) => category.nextMs),
        );
        await pause(Math.max(5, nextMs - options.now()), signal);
      }
    },
  };
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}

const nextBoundary = (nowMs: number, binMs: number): number => (Math.floor(nowMs / binMs) + 1) * binMs;

/** Keeps the list of running categories; a new one starts from its stored sample. */
async function follow(
  { categories, samples }: CollectorOptions,
  followed: Map<string, Followed>,
  nowMs: number,
): Promise<void> {
  const running = (await categories.list()).filter(({ status }) => status === 'running');
  for (const { settings } of running) {
    const known = followed.get(settings.name);
    if (known !== undefined && known.settings.binMs === settings.binMs) {
      known.settings = settings;
      continue;
    }
    const stored = await samples.latest(settings.name);
    followed.set(settings.name, {
      settings,
      counters: stored === null ? emptyCounterState : { last: cumulativeOf(stored), open: null },
      loads: new Map(),
      loadsAtMs: nowMs,
      nextMs: nextBoundary(nowMs, settings.binMs),
    });
  }
  for (const name of followed.keys())
    if (!running.some(({ settings }) => settings.name === name)) followed.delete(name);
}

async function collect(options: CollectorOptions, due: readonly Followed[]): Promise<void> {
  const atMs = options.now();
  const [counters, startedMs] = await Promise.all([options.admin.counters(), options.admin.startedMs(atMs)]);
  const sampled = await Promise.all(
    due.map((category) =>
      sampleOne(options, category, counters.get(category.settings.name), atMs, startedMs),
    ),
  );
  await options.demand.append(sampled.flatMap(({ rows }) => rows));
  // Only now: bins that could not be stored are counted again with the next sample.
  for (const [index, { sample, state, loads }] of sampled.entries()) {
    const category = due[index] as Followed;
    category.counters = state;
    category.loads = loads;
    category.loadsAtMs = atMs;
    category.nextMs = nextBoundary(atMs, category.settings.binMs);
    await options.samples.put(sample);
  }
}

async function sampleOne(
  { routing }: CollectorOptions,
  category: Followed,
  counters: CategoryCounters = { requests: 0, errors: 0, latencyBuckets: [] },
  atMs: number,
  startedMs: number,
): Promise<Sampled> {
  const { name, binMs, objective } = category.settings;
  const { requests, errors, latencyBuckets } = counters;
  const histogram = {
    boundsMs: latencyBuckets.map(({ upToMs }) => upToMs ?? Number.MAX_VALUE),
    cumulative: latencyBuckets.map(({ count }) => count),
  };
  const sample: CounterSample = {
    category: name,
    atMs,
    requests,
    errors,
    late: (histogram.cumulative.at(-1) ?? 0) - countUpTo(histogram, objective.latencyMs),
    latencyBuckets,
    incarnation: String(Math.round(startedMs)),
  };
  const { state, bins } = addSample(category.counters, cumulativeOf(sample), binMs);

  const loads = await readLoads(await routing.endpoints(name));
  const elapsedMs = atMs - category.loadsAtMs;
  const use = poolUse(category.loads, loads, elapsedMs);
  const rows = bins.map(({ startMs, figures }): BinRow => {
    const latencies = histogramOf(figures);
    return {
      category: name,
      source: liveSource,
      startMs,
      widthMs: binMs,
      requests: Math.max(0, figures.requests ?? 0),
      errors: Math.max(0, figures.errors ?? 0),
      late: Math.max(0, figures.late ?? 0),
      latencyMeanMs: meanLatency(latencies),
      latencyP99Ms: percentile(latencies, 0.99),
      // What a request cost on the category's own nodes, for all of its requests: some went to the shared pool.
      busySeconds:
        use === null || use.served === 0 ? null : (use.busySeconds / use.served) * (figures.requests ?? 0),
      capacitySeconds: use === null || elapsedMs <= 0 ? null : use.capacitySeconds * (binMs / elapsedMs),
    };
  });
  return { rows, sample, state, loads };
}

/** The counters and every bucket as figures that grow, so that all of them are spread over the bins alike. */
function cumulativeOf({ atMs, incarnation, requests, errors, late, latencyBuckets = [] }: CounterSample) {
  const figures: Record<string, number> = { requests, errors, late };
  for (const { upToMs, count } of latencyBuckets) if (upToMs !== null) figures[`≤${upToMs}`] = count;
  return { atMs, startedMs: Number(incarnation), figures };
}

function histogramOf(figures: Readonly<Record<string, number>>) {
  return { boundsMs: latencyBoundsMs, cumulative: latencyBoundsMs.map((bound) => figures[`≤${bound}`] ?? 0) };
}
