/**
 * A reader of cumulative counters → a demand source. Samples are kept in the store for a few bins and bins are computed
 * from all of them, whoever took them: so a collector that restarts or is taken over loses nothing, two at once count
 * nothing twice, and a sample that came late corrects the bins that it lies in.
 */
import type { CategorySettings } from '../../../core/category/settings';
import { isRestart } from '../../../core/demand/counterBins';
import { utilization } from '../../../core/demand/nodeUse';
import type { Now } from '../../../ports/clock';
import type { DemandFigure, DemandSource, LiveDemand } from '../../../ports/demandSource';
import type { CounterSample, CounterSampleStore } from '../../../ports/stores/demand/counterSampleStore';
import { batched } from './batched';
import { createHeldSamples } from './heldSamples';
import { cumulativeOf, samplesToBins } from './samplesToBins';

/** Counters of one category now. Where a source does not know a figure it leaves it out. */
export type Counters = Pick<CounterSample, 'requests' | 'startedMs'> &
  Partial<Pick<CounterSample, 'errors' | 'latencyBuckets' | 'nodes'>> & {
    /** How long before the call they were read, ms; absent: they were read for it. */
    readonly ageMs?: number;
  };

export interface CounterSourceOptions {
  readonly name: string;
  readonly knows: readonly DemandFigure[];
  readonly settleMs: (category: CategorySettings) => number;
  /**
   * Reads the counters of these categories; one that the source does not know is left out.
   * @param fresh true: as they are now; false: a look shortly before will do.
   * @throws PamError UNAVAILABLE if the source does not answer.
   */
  readonly read: (
    categories: readonly CategorySettings[],
    fresh: boolean,
  ) => Promise<ReadonlyMap<string, Counters>>;
  readonly samples: CounterSampleStore;
  readonly now: Now;
}

export function createCounterSource(options: CounterSourceOptions): DemandSource {
  const { name, knows, settleMs, now } = options;
  const samples = createHeldSamples(options.samples);
  /** Those that were measured last, to go on with while nobody can be asked which run. */
  let measured: readonly CategorySettings[] = [];

  /** Counters, stamped with the time at which they were asked for. */
  async function readCounters(
    categories: readonly CategorySettings[],
    fresh: boolean,
  ): Promise<Map<string, CounterSample>> {
    const askedMs = now();
    const counters = await options.read(categories, fresh);
    return new Map(
      categories.flatMap(({ name: category }) => {
        const found = counters.get(category);
        if (found === undefined) return [];
        const { ageMs = 0, ...figures } = found;
        const rest = { errors: null, latencyBuckets: [], nodes: {}, ...figures };
        return [[category, { ...rest, category, source: name, atMs: askedMs - ageMs }]];
      }),
    );
  }

  async function keptOf(
    categories: readonly CategorySettings[],
  ): Promise<(category: string) => CounterSample[]> {
    const kept = await samples.kept(
      name,
      categories.map((category) => category.name),
    );
    const byCategory = new Map<string, CounterSample[]>(categories.map((category) => [category.name, []]));
    for (const sample of kept) byCategory.get(sample.category)?.push(sample);
    return (category) => byCategory.get(category) ?? [];
  }

  const take = batched(async (categories: readonly CategorySettings[]) => {
    measured = [
      ...categories,
      ...measured.filter(({ name }) => !categories.some((one) => one.name === name)),
    ];
    // A bin has just ended: what was read before does not have all of it.
    const read = await readCounters(categories, true);
    await samples.put([...read.values()], binMsOf(categories));
    const kept = await keptOf(categories);
    return (category: CategorySettings) => kept(category.name);
  });

  const look = batched(async (categories: readonly CategorySettings[]) => {
    const [kept, read] = [await keptOf(categories), await readCounters(categories, false)];
    return ({ name: category }: CategorySettings) => ({
      kept: kept(category),
      sample: read.get(category) ?? null,
    });
  });

  return {
    name,
    knows: new Set(knows),
    meanwhile: {
      measure: async () => {
        const due = measured.filter(({ name: category, binMs }) => samples.lacks(category, binMs, now()));
        if (due.length > 0) samples.hold([...(await readCounters(due, true)).values()], binMsOf(due));
      },
      store: () => samples.store(),
    },
    settleMs,
    bins: async (category, fromMs, toMs) =>
      samplesToBins(await take(category), category).filter(
        ({ startMs }) => startMs >= fromMs && startMs < toMs,
      ),
    live: async (category) => {
      const { kept, sample } = await look(category);
      return sample === null ? unknown : liveSince(kept, sample, category.binMs);
    },
  };
}

function binMsOf(categories: readonly CategorySettings[]): (category: string) => number {
  const known = new Map(categories.map(({ name, binMs }) => [name, binMs]));
  return (category) => known.get(category) ?? 0;
}

const unknown: LiveDemand = { requestsPerSecond: null, overMs: 0, utilization: null };

function liveSince(kept: readonly CounterSample[], sample: CounterSample, binMs: number): LiveDemand {
  const { atMs, nodes } = sample;
  // Over less than half a bin the utilization is noise.
  const earlier = kept.findLast((one) => atMs - one.atMs >= binMs / 2);
  const used = earlier === undefined ? null : utilization(earlier.nodes, nodes, atMs - earlier.atMs);
  // A clock that was set back leaves samples of times to come.
  const ahead = (kept.at(-1)?.atMs ?? 0) - atMs > binMs;
  const last = ahead ? kept.findLast((one) => one.atMs < atMs) : kept.at(-1);
  if (last === undefined || atMs <= last.atMs || isRestart(cumulativeOf(last), cumulativeOf(sample)))
    return { ...unknown, utilization: used };
  const overMs = atMs - last.atMs;
  return {
    requestsPerSecond: ((sample.requests - last.requests) / overMs) * 1_000,
    overMs,
    utilization: used,
  };
}
