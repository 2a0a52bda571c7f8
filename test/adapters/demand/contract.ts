/**
 * What every demand source promises, tried through the collector and a real PostgreSQL. A source passes it unchanged: its
 * test file makes a stage and calls `demandSourceContract`. docs/extending/demand-source.md is the recipe.
 */
import { type Collector, createCollector } from '../../../adapters/demand/collector';
import type { Database } from '../../../adapters/postgres';
import { type CategoryInput, type CategorySettings, categoryInput } from '../../../core/category/settings';
import type { DemandSource } from '../../../ports/demandSource';
import type { CounterSampleStore } from '../../../ports/stores/demand/counterSampleStore';
import { suiteDatabase } from '../../support/suiteDatabase';

/** Something that counts requests, the source that reads it, and the time that both go by. */
export interface DemandStage {
  /** A new one at each call: every collector has its own. */
  source(): DemandSource;
  now(): number;
  /** Resolves when `now()` has reached this instant. */
  until(atMs: number): Promise<void>;
  /** Lets requests of a category arrive now; they have been counted when it resolves. */
  arrive(category: string, requests: number): Promise<void>;
  /** What counts stops and starts again. */
  restart(): Promise<void>;
  /** The counts begin at zero again while what counts goes on; nothing else tells so. */
  reset(): Promise<void>;
  /** While it is silent the source can't be reached; requests go on arriving. */
  silence(on: boolean): void;
  close(): Promise<void>;
}

export interface DemandCandidate {
  /** Settings of a category of this name that the source knows. */
  input(name: string): CategoryInput;
  /** `categories`: those that the source knows. */
  begin(categories: readonly CategorySettings[], samples: CounterSampleStore): Promise<DemandStage>;
}

/** One run of a stage: the bins are counted from the first full one. */
interface Run extends DemandStage {
  readonly orders: string;
  readonly search: string;
  readonly stranger: string;
  readonly failures: unknown[];
  collector(): Collector;
  settingsOf(category: string): CategorySettings;
  startOf(bin: number): number;
  settledAt(bin: number): number;
  /** Requests of each category arrive in the middle of the bin; resolves when the bin has settled. */
  pass(bin: number, requests: Readonly<Record<string, number>>): Promise<void>;
  /** Stored requests of the first bins; null = missing. */
  stored(category: string, bins: number): Promise<(number | null)[]>;
}

export function demandSourceContract(candidate: DemandCandidate): void {
  let database: Database;
  suiteDatabase((ready) => {
    database = ready;
  });
  let runs = 0;
  let run: Run;

  beforeEach(async () => {
    runs++;
    const names = ['orders', 'search', 'stranger'].map((name) => `${name}-${runs}`);
    const [orders = '', search = '', stranger = ''] = names;
    const settings = names.map((name) => categoryInput.parse(candidate.input(name)));
    const known = settings.slice(0, 2);
    const stage = await candidate.begin(known, database.samples);
    const { binMs, dayMs } = settings[0] as CategorySettings;
    const firstMs = (Math.floor(stage.now() / binMs) + 1) * binMs;
    const settleMs = stage.source().settleMs(known[0] as CategorySettings);
    const failures: unknown[] = [];
    const startOf = (bin: number) => firstMs + bin * binMs;
    const settledAt = (bin: number) => startOf(bin + 1) + settleMs;
    run = {
      ...stage,
      orders,
      search,
      stranger,
      failures,
      collector: () => {
        const source = stage.source();
        return createCollector({
          sources: { all: [source], of: () => source },
          categories: {
            list: async () =>
              settings.map((one) => ({
                settings: one,
                status: 'running',
                learnedRequestsPerNodeSecond: null,
              })),
          },
          demand: database.demand,
          onFailure: (error) => failures.push(error),
          now: stage.now,
        });
      },
      settingsOf: (category) => settings.find(({ name }) => name === category) as CategorySettings,
      startOf,
      settledAt,
      pass: async (bin, requests) => {
        await stage.until(startOf(bin) + binMs * 0.4);
        for (const [category, count] of Object.entries(requests)) await stage.arrive(category, count);
        await stage.until(settledAt(bin));
      },
      stored: async (category, bins) => {
        const { counts } = await database.demand.series(
          category,
          { binMs, dayMs },
          firstMs,
          firstMs + bins * binMs,
        );
        return [...counts].map((count) => (Number.isNaN(count) ? null : count));
      },
    };
  }, 60_000);
  afterEach(() => run.close());

  /** Counting begins with the first bin. */
  async function started(collector: Collector): Promise<void> {
    await run.until(run.startOf(0));
    await collector.look();
  }

  test('known arrivals of two categories come out as bins, to the request, and none as zero', async () => {
    const collector = run.collector();
    await started(collector);
    const orders = [12, 0, 7, 31];
    const search = [3, 9, 0, 1];
    for (const bin of orders.keys()) {
      await run.pass(bin, { [run.orders]: orders[bin] ?? 0, [run.search]: search[bin] ?? 0 });
      await collector.look();
    }
    expect(run.failures).toEqual([]);
    expectToTheRequest(await run.stored(run.orders, 4), orders);
    expectToTheRequest(await run.stored(run.search, 4), search);
  }, 120_000);

  test('a bin has the figures that the source knows, and no others', async () => {
    const collector = run.collector();
    await started(collector);
    await run.pass(0, { [run.orders]: 20 });
    await collector.look();
    const [bin] = await database.demand.totals(run.orders, run.startOf(0), run.startOf(1));
    const { knows } = run.source();
    expect(bin?.errors).toEqual(knows.has('errors') ? expect.any(Number) : null);
    expect(bin?.late).toEqual(knows.has('latency') ? expect.any(Number) : null);
    if (!knows.has('busyTime')) expect([bin?.busySeconds, bin?.capacitySeconds]).toEqual([null, null]);
    const { utilization } = await run.source().live(run.settingsOf(run.orders));
    if (!knows.has('utilization')) expect(utilization).toBeNull();
  }, 120_000);

  test('a collector that is started anew for every bin loses nothing and counts nothing twice', async () => {
    await started(run.collector());
    const orders = [8, 5, 13];
    for (const [bin, requests] of orders.entries()) {
      await run.pass(bin, { [run.orders]: requests });
      await run.collector().look();
    }
    expectToTheRequest(await run.stored(run.orders, 3), orders);
  }, 120_000);

  test('two collectors at once store each bin once', async () => {
    const collectors = [run.collector(), run.collector()];
    await run.until(run.startOf(0));
    await Promise.all(collectors.map((collector) => collector.look()));
    const orders = [6, 11, 4];
    for (const [bin, requests] of orders.entries()) {
      await run.pass(bin, { [run.orders]: requests });
      await Promise.all(collectors.map((collector) => collector.look()));
    }
    expect(run.failures).toEqual([]);
    expectToTheRequest(await run.stored(run.orders, 3), orders);
    expect(await database.demand.totals(run.orders, run.startOf(0), run.startOf(3))).toHaveLength(3);
  }, 120_000);

  test('bins of a silence are missing or right, never zero; those before and after are right', async () => {
    const collector = run.collector();
    await started(collector);
    const silent = [1, 2, 3, 4, 5];
    for (let bin = 0; bin < 8; bin++) {
      if (bin === 1) run.silence(true);
      await run.pass(bin, { [run.orders]: 3 });
      if (bin === 5) run.silence(false);
      await collector.look();
    }
    expect(run.failures.length).toBeGreaterThan(0);
    const stored = await run.stored(run.orders, 8);
    for (const [bin, requests] of stored.entries())
      if (!silent.includes(bin) || requests !== null) expectToTheRequest([requests], [3]);
  }, 120_000);

  test.each([
    ['restarts', () => run.restart()],
    ['begins at zero', () => run.reset()],
  ])(
    'when what counts %s in the middle of a bin, that one is missing or right, and the others are right',
    async (_, fail) => {
      const collector = run.collector();
      await started(collector);
      await run.pass(0, { [run.orders]: 20 });
      await collector.look();
      await run.until(run.startOf(1) + run.settingsOf(run.orders).binMs * 0.2);
      await fail();
      await run.pass(1, { [run.orders]: 2 });
      await collector.look();
      await run.pass(2, { [run.orders]: 5 });
      await collector.look();
      const [before, during, after] = await run.stored(run.orders, 3);
      expectToTheRequest([before ?? null, after ?? null], [20, 5]);
      if (during !== null) expectToTheRequest([during ?? null], [2]);
    },
    120_000,
  );

  test('a category that the source does not know has no bins, not even of zero, and disturbs no other', async () => {
    const collector = run.collector();
    await started(collector);
    await run.pass(0, { [run.orders]: 4 });
    await collector.look();
    expect(run.failures).toEqual([]);
    expect(await database.demand.span(run.stranger)).toBeNull();
    expect(await run.source().live(run.settingsOf(run.stranger))).toMatchObject({ requestsPerSecond: null });
    expectToTheRequest(await run.stored(run.orders, 1), [4]);
  }, 120_000);

  test('between two bins the live rate is that of what has arrived since the last one', async () => {
    const collector = run.collector();
    await started(collector);
    await run.pass(0, { [run.orders]: 9 });
    await collector.look();
    const { binMs } = run.settingsOf(run.orders);
    await run.until(run.startOf(1) + binMs * 0.4);
    await run.arrive(run.orders, 15);
    await run.until(Math.max(run.startOf(1) + binMs * 0.8, run.settledAt(0)));
    const { requestsPerSecond, overMs } = await run.source().live(run.settingsOf(run.orders));
    expect(overMs).toBeGreaterThan(0);
    expectToTheRequest([((requestsPerSecond ?? 0) * overMs) / 1_000], [15]);
  }, 120_000);

  test('a bin is stored when it has settled, and not before', async () => {
    const collector = run.collector();
    await started(collector);
    const { binMs } = run.settingsOf(run.orders);
    await run.until(run.startOf(0) + binMs * 0.4);
    await run.arrive(run.orders, 6);
    await run.until(run.settledAt(0) - binMs * 0.1);
    await collector.look();
    expect(await run.stored(run.orders, 1)).toEqual([null]);
    await run.until(run.settledAt(0));
    await collector.look();
    expectToTheRequest(await run.stored(run.orders, 1), [6]);
  }, 120_000);
}

function expectToTheRequest(stored: readonly (number | null)[], truth: readonly number[]): void {
  expect(stored.map((requests) => (requests === null ? null : Math.round(requests)))).toEqual(truth);
}
