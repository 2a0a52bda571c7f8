/** Every store against a real PostgreSQL: what is put in comes out, retries and late messages do no harm. */
import { type Database, migrate, openDatabase } from '../../../adapters/postgres';
import { categoryInput } from '../../../core/category/settings';
import type { PoolNode } from '../../../ports/nodePool';
import type { BinRow } from '../../../ports/stores/demand/demandStore';
import { createTestDatabase } from '../../support/database';
import { suiteDatabase } from '../../support/suiteDatabase';

const minute = 60_000;
const start = Date.UTC(2026, 4, 4);
const clock = { binMs: minute, dayMs: 86_400_000 };

let database: Database;
suiteDatabase((made) => {
  database = made;
});

const bin = (category: string, startMs: number, requests: number, more: Partial<BinRow> = {}): BinRow => ({
  category,
  source: 'envoy',
  startMs,
  requests,
  busySeconds: null,
  capacitySeconds: null,
  latencyMeanMs: null,
  latencyP99Ms: null,
  late: null,
  errors: null,
  ...more,
});

describe('demand', () => {
  test('sums sources and finer rows on the grid, replaces a row that comes again, leaves missing bins NaN', async () => {
    const { demand } = database;
    await demand.append([
      bin('sums', start, 3),
      bin('sums', start, 4, { source: 'tenant-b' }),
      bin('sums', start + 10_000, 0.5, { widthMs: 10_000 }),
      bin('sums', start + 2 * minute, 0),
      bin('sums', start + 4 * minute, 9),
    ]);
    await demand.append([bin('sums', start, 5), bin('sums', start, 6)]);
    const series = await demand.series('sums', clock, start - minute, start + 5 * minute);
    expect(series.startMs).toBe(start - minute);
    expect([...series.counts]).toEqual([Number.NaN, 10.5, Number.NaN, 0, Number.NaN, 9]);
    expect([...(await demand.series('sums', clock, start + 1, start + 1)).counts]).toEqual([10.5]);
    expect(await demand.span('sums')).toEqual({ firstMs: start, lastMs: start + 4 * minute });
    expect(await demand.span('never seen')).toBeNull();
  });

  test('rows wider than the clock are missing, not one full bin and four empty ones', async () => {
    await database.demand.append([
      bin('wide', start, 500, { widthMs: 5 * minute }),
      bin('wide', start + 5 * minute, 100),
    ]);
    const counts = async (binMs: number) => [
      ...(await database.demand.series('wide', { ...clock, binMs }, start, start + 10 * minute)).counts,
    ];
    expect((await counts(minute)).filter((count) => !Number.isNaN(count))).toEqual([100]);
    expect(await counts(5 * minute)).toEqual([500, 100]);
  });

  test('totals keep "not measured" apart from zero', async () => {
    await database.demand.append([
      bin('totals', start, 2, { busySeconds: 1.5, capacitySeconds: 60, late: 0, errors: 1 }),
      bin('totals', start, 3, { source: 'b', busySeconds: 0.5 }),
      bin('totals', start + minute, 7),
    ]);
    expect(await database.demand.totals('totals', start, start + 2 * minute)).toEqual([
      { startMs: start, requests: 5, busySeconds: 2, capacitySeconds: 60, late: 0, errors: 1 },
      {
        startMs: start + minute,
        requests: 7,
        busySeconds: null,
        capacitySeconds: null,
        late: null,
        errors: null,
      },
    ]);
  });

  test('the latest bins are read at once as the series and the totals have them', async () => {
    const { demand } = database;
    await demand.append([
      bin('latest', start, 2, { busySeconds: 1.5, late: 0 }),
      bin('latest', start + minute, 3, { busySeconds: 0.1 + 0.2, capacitySeconds: 60, late: 1, errors: 0 }),
      bin('latest', start + minute, 4, { source: 'b' }),
      bin('latest', start + 3 * minute, 7),
    ]);
    const [fromMs, toMs] = [start - minute, start + 5 * minute];
    const recent = await demand.recent('latest', clock, fromMs, start + minute, toMs);
    expect(recent).toEqual({
      series: await demand.series('latest', clock, fromMs, toMs),
      totals: await demand.totals('latest', start + minute, toMs),
    });
    expect([...recent.series.counts]).toEqual([Number.NaN, 2, 7, Number.NaN, 7, Number.NaN]);
    expect(recent.totals).toHaveLength(2);
    const nothing = await demand.recent('never seen', clock, fromMs, fromMs, toMs);
    expect(nothing.totals).toEqual([]);
    expect(nothing.series.counts.every(Number.isNaN)).toBe(true);
  });

  test('a negative count is refused with the reason', async () => {
    await expect(database.demand.append([bin('bad', start, -1)])).rejects.toMatchObject({
      code: 'INVALID_DATA',
      message: expect.stringContaining('bins_requests_check'),
    });
  });

  test('a month of minutes is stored and read whole', async () => {
    const rows = Array.from({ length: 40_000 }, (_, index) =>
      bin('month', start + index * minute, index % 977),
    );
    await database.demand.append(rows);
    const { counts } = await database.demand.series('month', clock, start, start + 40_000 * minute);
    expect(counts.length).toBe(40_000);
    expect(counts[39_999]).toBe(39_999 % 977);
  }, 60_000);
});

test('events: replaced by id, found by overlap, silent once withdrawn, back when announced again', async () => {
  const { events } = database;
  const match = {
    id: 'm-1',
    source: 'fifa.ics',
    kind: 'final',
    title: 'A vs B',
    startMs: start,
    endMs: start + 60 * minute,
  };
  await events.put('football', [match, { ...match, id: 'm-2', expectedUplift: 3 }]);
  await events.put('football', [{ ...match, startMs: start + 30 * minute }]);
  const at = (fromMs: number, toMs: number) => events.between('football', fromMs, toMs);
  expect((await at(start, start + minute)).map(({ id }) => id)).toEqual(['m-2']);
  expect(await at(start + 59 * minute, start + 90 * minute)).toEqual([
    { ...match, id: 'm-2', expectedUplift: 3 },
    { ...match, startMs: start + 30 * minute },
  ]);
  expect(await at(start + 60 * minute, start + 90 * minute)).toEqual([]);
  expect(await events.withdraw('football', 'fifa.ics', 'm-2')).toBe(true);
  expect(await events.withdraw('football', 'fifa.ics', 'no such')).toBe(false);
  expect((await at(start, start + 90 * minute)).map(({ id }) => id)).toEqual(['m-1']);
  await events.put('football', [{ ...match, id: 'm-2' }]);
  expect((await at(start, start + 90 * minute)).map(({ id }) => id)).toEqual(['m-2', 'm-1']);
});

describe('models', () => {
  const model = (id: string, category: string, state: { weights: number[] }) => ({
    id,
    category,
    family: 'direct',
    parameters: { trees: 150 },
    trainedFromMs: start,
    trainedToMs: start + 28 * 86_400_000,
    figures: { peakLossRatio: 0.58 },
    state,
  });

  test('a state of a megabyte survives exactly; only the incumbent is served', async () => {
    const { models } = database;
    const weights = Array.from({ length: 60_000 }, (_, index) => Math.sin(index) * 10 ** (index % 9));
    await models.save(model('big', 'm1', { weights }));
    expect(await models.incumbent('m1')).toBeNull();
    await models.promote('m1', 'big', 'it wastes least');
    expect(await models.incumbentId('m1')).toBe('big');
    const loaded = await models.incumbent('m1');
    expect(loaded?.state).toEqual({ weights });
    expect(loaded).toMatchObject({
      ...model('big', 'm1', { weights }),
      status: 'incumbent',
      reason: 'it wastes least',
    });
    expect(loaded?.createdMs).toBeGreaterThan(start);
  });

  test('promotions at the same time leave exactly one incumbent, the others retired', async () => {
    const { models } = database;
    const ids = ['a', 'b', 'c', 'd'].map((letter) => `race-${letter}`);
    for (const id of ids) await models.save(model(id, 'race', { weights: [1] }));
    await Promise.all(ids.map((id) => models.promote('race', id, 'raced')));
    const statuses = (await models.list('race')).map(({ status }) => status).sort();
    expect(statuses).toEqual(['incumbent', 'retired', 'retired', 'retired']);
  });

  test('a model that failed in service goes back to the one before it, once, or to none', async () => {
    const { models } = database;
    for (const id of ['old', 'new']) {
      await models.save(model(id, 'm4', { weights: [] }));
      await models.promote('m4', id, `for ${id}`);
    }
    expect(await models.load('old')).toMatchObject({ status: 'retired', reason: 'replaced by new: for new' });
    await models.rollBack('m4', 'new', 'old', 'lost to the last value');
    await models.rollBack('m4', 'new', null, 'a retry that comes late');
    expect(await models.incumbent('m4')).toMatchObject({
      id: 'old',
      reason: 'back in use: lost to the last value',
    });
    expect(await models.load('new')).toMatchObject({ status: 'rejected', reason: 'lost to the last value' });
    await models.rollBack('m4', 'old', null, 'so did this one');
    expect(await models.incumbentId('m4')).toBeNull();
  });

  test('a model of another category is not promoted and the incumbent stays; one in use is not rejected', async () => {
    const { models } = database;
    await models.save(model('mine', 'm2', { weights: [] }));
    await models.promote('m2', 'mine', 'first');
    await models.save(model('theirs', 'm3', { weights: [] }));
    await expect(models.promote('m2', 'theirs', 'mixed up')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await models.incumbentId('m2')).toBe('mine');
    await expect(models.reject('mine', 'no')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await models.reject('theirs', 'wastes more');
    expect(await models.load('theirs')).toMatchObject({ status: 'rejected', reason: 'wastes more' });
  });
});

test('decisions: a late retry changes no settled count; forecasts come back as they were', async () => {
  const { decisions } = database;
  const forecast = {
    id: 'f-1',
    category: 'checkout',
    madeMs: start + 500,
    modelId: null,
    family: 'default',
    horizonBins: [5, 15],
    leadBins: 5,
    probabilities: [0.5, 0.99],
    forecast: {
      originMs: start,
      horizons: [
        [1.25, 2],
        [1e-9, 3e6],
      ],
      peak: [7, 8.5],
    },
  };
  await decisions.putForecast(forecast);
  await decisions.putForecast(forecast);
  expect(await decisions.forecast('f-1')).toEqual(forecast);
  expect(await decisions.forecast('none')).toBeNull();
  expect(await decisions.forecastsBetween('checkout', start, start + minute)).toEqual([forecast]);

  const decision = {
    id: 'd-1',
    category: 'checkout',
    madeMs: start + 600,
    forecastId: 'f-1',
    trigger: 'bin',
    demand: null,
    peakDemand: 8.5,
    requestsPerNodeBin: 4,
    plan: { required: 3, planned: 2, rule: 'bounded-by-maximum' as const, reason: 'at most 2' },
    provisioned: 1,
    routable: 1,
  };
  await decisions.putDecision(decision);
  await decisions.settle('d-1', { provisioned: 2, routable: 1 });
  await decisions.putDecision(decision);
  expect(await decisions.decisions('checkout', start, start + 600)).toEqual([]);
  expect(await decisions.decisions('checkout', start, start + 601)).toEqual([
    { ...decision, provisioned: 2, routable: 1 },
  ]);
  await expect(decisions.settle('none', { provisioned: 0, routable: 0 })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
});

test('categories: settings come back equal, what was learned survives a new registration', async () => {
  const { categories } = database;
  const settings = categoryInput.parse({ name: 'images', match: { pathPrefix: '/images' } });
  expect(await categories.get('images')).toBeNull();
  await categories.put(settings);
  await categories.learn('images', 240);
  await categories.stopped('images');
  expect(await categories.get('images')).toEqual({
    settings,
    status: 'stopped',
    learnedRequestsPerNodeSecond: 240,
  });
  await categories.put({ ...settings, risk: 0.02 });
  expect(await categories.list()).toEqual([
    { settings: { ...settings, risk: 0.02 }, status: 'running', learnedRequestsPerNodeSecond: 240 },
  ]);
  // Another node has shown nothing yet.
  const larger = { ...settings, node: { ...settings.node, concurrency: settings.node.concurrency + 1 } };
  await categories.put(larger);
  expect((await categories.get('images'))?.learnedRequestsPerNodeSecond).toBeNull();
  await expect(categories.learn('unknown', 1)).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('nodes: first routable and first missing are kept; an old observation undoes nothing', async () => {
  const { nodes } = database;
  const node = (id: string, state: PoolNode['state']): PoolNode => ({
    id,
    address: { host: '127.0.0.1', port: 1 },
    state,
    createdMs: start,
    expiresMs: start + 86_400_000,
    tags: { category: 'checkout', id },
  });
  await nodes.sync('checkout', [node('n1', 'booting'), node('n2', 'routable')], start + 1_000);
  await nodes.sync('checkout', [node('n1', 'routable'), node('n2', 'unhealthy')], start + 2_500);
  await nodes.sync('other', [], start + 2_600);
  await nodes.sync('checkout', [node('n1', 'routable')], start + 4_000);
  await nodes.sync('checkout', [node('n1', 'booting'), node('n2', 'routable')], start + 1_000);
  await nodes.sync('checkout', [], start + 3_000);
  expect(await nodes.between('checkout', start, start + minute)).toEqual([
    {
      id: 'n1',
      category: 'checkout',
      createdMs: start,
      routableMs: start + 2_500,
      removedMs: null,
      tags: { category: 'checkout', id: 'n1' },
    },
    {
      id: 'n2',
      category: 'checkout',
      createdMs: start,
      routableMs: start + 1_000,
      removedMs: start + 4_000,
      tags: { category: 'checkout', id: 'n2' },
    },
  ]);
  expect((await nodes.between('checkout', start + 4_000, start + minute)).map(({ id }) => id)).toEqual([
    'n1',
  ]);
});

test('counter samples: those of the last bins are kept, each source and category for itself', async () => {
  const { samples } = database;
  const sample = {
    category: 'checkout',
    source: 'envoy',
    atMs: start + 0.5,
    startedMs: start - 5,
    requests: 2 ** 40,
    errors: 0,
    latencyBuckets: [
      { upToMs: 0.5, count: 1 },
      { upToMs: null, count: 4 },
    ],
    nodes: { 'checkout-1': { busySlotSeconds: 1.5, served: 3, concurrency: 4 } },
  };
  const bare = {
    ...sample,
    category: 'search',
    startedMs: null,
    errors: null,
    latencyBuckets: [],
    nodes: {},
  };
  const keepMs = () => 2 * minute;
  expect(await samples.kept('envoy', ['checkout'])).toEqual([]);
  await samples.put([sample, bare], keepMs);
  const next = { ...sample, atMs: start + minute, requests: 2 ** 40 + 1 };
  await samples.put([next, { ...next, source: 'other' }], keepMs);
  // The same instant again, as another collector had it.
  await samples.put([{ ...next, requests: 1 }], keepMs);
  expect(await samples.kept('envoy', ['checkout', 'search'])).toEqual([sample, next, bare]);
  const last = { ...sample, atMs: start + 2.5 * minute };
  await samples.put([last], keepMs);
  expect(await samples.kept('envoy', ['checkout'])).toEqual([next, last]);
  expect(await samples.kept('other', ['checkout'])).toHaveLength(1);
});

test('prune deletes what is older than it is kept for, in batches, and nothing else', async () => {
  const day = 86_400_000;
  const retention = { bins: 10 * day, forecasts: day, decisions: 10 * day };
  const fresh = await createTestDatabase();
  await migrate(fresh.url);
  const pruned = await openDatabase({ url: fresh.url });
  try {
    const nowMs = start + 30 * day;
    const old = Array.from({ length: 12_000 }, (_, index) => bin('old', start + index * minute, 1));
    await pruned.demand.append([...old, bin('old', nowMs - 10 * day, 5), bin('young', nowMs, 1)]);
    const result = await pruned.prune(retention, nowMs);
    expect(result).toEqual({
      bins: 12_000,
      events: 0,
      forecasts: 0,
      scores: 0,
      drifts: 0,
      decisions: 0,
      models: 0,
      nodes: 0,
      holds: 0,
    });
    expect(await pruned.demand.span('old')).toEqual({ firstMs: nowMs - 10 * day, lastMs: nowMs - 10 * day });
    expect((await pruned.prune(retention, nowMs)).bins).toBe(0);
    // lastBefore is strict, and does not see other categories.
    expect(await pruned.demand.lastBefore('old', nowMs)).toBe(nowMs - 10 * day);
    expect(await pruned.demand.lastBefore('old', nowMs - 10 * day)).toBeNull();
  } finally {
    await pruned.close();
    await fresh.drop();
  }
}, 60_000);
