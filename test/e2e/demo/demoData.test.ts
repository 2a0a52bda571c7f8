/** The demo's data on the real PostgreSQL: what it removes, what it refuses to touch, and what it makes of a run. */

import { Client } from 'pg';
import { type Database, migrate, openDatabase } from '../../../adapters/postgres';
import { demoTables, forgetDemoCategories } from '../../../cli/demo/forgetDemoCategories';
import { emptyBin } from '../../../cli/demo/load/loadTypes';
import { historySource } from '../../../cli/demo/play';
import { collectCategory } from '../../../cli/demo/result/collectResult';
import { categoryInput } from '../../../core/category/settings';
import { generatedWorkload } from '../../../simulation/workload/generatedWorkload';
import { planPlay } from '../../../simulation/workload/playPlan';
import { createTestDatabase, type TestDatabase } from '../../support/database';

/** Not memories: which pools, nodes and rules exist. The demo's first `scale` recovers what an earlier one left of them. */
const keptTables = ['pools', 'local_nodes', 'routing_rules'];

let place: TestDatabase;
let database: Database;
beforeAll(async () => {
  place = await createTestDatabase();
  await migrate(place.url);
  database = await openDatabase({ url: place.url, poolSize: 2 });
});
afterAll(async () => {
  await database?.close();
  await place?.drop();
});

const bin = (category: string, source: string, startMs = 3_000) => ({
  category,
  source,
  startMs,
  requests: 5,
  busySeconds: null,
  capacitySeconds: null,
  latencyMeanMs: null,
  latencyP99Ms: null,
  late: null,
  errors: null,
});
const settingsOf = (name: string) =>
  categoryInput.parse({ name, match: { header: { name: 'x-category', value: name } } });

test('removes what an earlier demo stored and nothing of others', async () => {
  await database.categories.put(settingsOf('checkout'));
  await database.demand.append([
    bin('checkout', historySource),
    bin('checkout', 'envoy', 6_000),
    bin('other', 'envoy'),
  ]);
  const told: string[] = [];
  await forgetDemoCategories(place.url, ['checkout', 'search'], (line) => told.push(line));
  expect(told).toEqual(['removed what an earlier demo stored of checkout']);
  expect(await database.demand.span('checkout')).toBeNull();
  expect(await database.categories.get('checkout')).toBeNull();
  expect(await database.demand.span('other')).not.toBeNull();
});

test('knows every table with rows of a category: a drift test or a score of another run would be a false memory', async () => {
  const client = new Client({ connectionString: place.url });
  await client.connect();
  const { rows } = await client.query<{ table_name: string }>(
    `SELECT table_name FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
     WHERE table_schema = 'pam' AND column_name = 'category' AND table_type = 'BASE TABLE'`,
  );
  await client.end();
  expect([...demoTables, ...keptTables].sort()).toEqual(rows.map(({ table_name }) => table_name).sort());
});

test('refuses names with data that no demo put there, and leaves all as it was', async () => {
  await database.demand.append([bin('demo-one', historySource), bin('mine', 'import')]);
  await expect(forgetDemoCategories(place.url, ['demo-one', 'mine'], () => undefined)).rejects.toMatchObject({
    code: 'CONFLICT',
    message: expect.stringMatching(/^mine: this database holds/),
  });
  expect(await database.demand.span('demo-one')).not.toBeNull();
});

test('makes the figures of a run from nodes, decisions and forecasts', async () => {
  const plan = planPlay(
    generatedWorkload(1, 75),
    { binMs: 3_000, minutes: 75, warmUpBins: 20, peakRate: 55, risk: 0.01, seed: 1, historyDays: 21 },
    1_795_000_000_000,
  );
  const category = plan.categories[0]!;
  const { name } = category;
  const at = (played: number) => plan.fromMs + played * plan.binMs;
  const node = (id: string, createdMs: number) => ({
    id,
    address: { host: '127.0.0.1', port: 1 },
    state: 'routable' as const,
    createdMs,
    expiresMs: createdMs + 1e9,
    tags: {},
  });
  await database.nodes.sync(name, [node('a', at(-5))], at(-2));
  await database.nodes.sync(name, [node('a', at(-5)), node('b', at(10))], at(12));
  await database.nodes.sync(name, [node('a', at(-5))], at(40));
  const forecast = {
    originMs: at(3),
    horizons: [[30, 40, 45, 50]],
    peak: [30, 40, 45, 47],
  };
  await database.decisions.putForecast({
    id: 'f1',
    category: name,
    madeMs: at(3) + 200,
    modelId: 'm1',
    family: 'boosting',
    horizonBins: [5],
    leadBins: 5,
    probabilities: [0.5, 0.9, 0.95, 0.99],
    forecast,
  });
  for (const [id, played, planned] of [
    ['d1', 3, 1],
    ['d2', 10, 2],
  ] as const)
    await database.decisions.putDecision({
      id,
      category: name,
      madeMs: at(played) + 300,
      forecastId: 'f1',
      trigger: 'bin',
      demand: 30,
      peakDemand: 47,
      requestsPerNodeBin: 20,
      plan: { required: planned, planned, rule: 'forecast', reason: 'because' },
      provisioned: planned,
      routable: planned,
    });
  const bins = Array.from({ length: 95 }, (_, index) => {
    const requests = index < 20 + 12 ? 18 : 38;
    return { ...emptyBin, due: requests, sent: requests, ok: requests, ownPool: requests };
  });
  const result = await collectCategory(
    database,
    plan,
    category,
    { bins: new Map([[name, bins]]), latency: {} },
    null,
    0.01,
  );
  // a for 75 bins, b from bin 10 to 40; foresight orders the second node five bins ahead of bin 12.
  expect(result.nodeBins).toBeCloseTo(75 + 30, 6);
  expect(result.foresightNodeBins).toBe(7 + 2 * 68);
  expect(result.requestsPerNodeBin).toBe(20);
  expect(result.readiness).toEqual({ needed: 2, ready: 2, shortBins: 35, bins: 75 });
  expect(result.load).toMatchObject({ sent: 12 * 18 + 63 * 38, failed: 0 });
  expect(result.decisions).toMatchObject({ made: 2, onForecastBins: 2, changes: 1, rules: { forecast: 2 } });
  expect(result.forecast).toMatchObject({
    scored: 1,
    windows: 1,
    coverage: 1,
    trainedModel: 'boosting',
    families: { boosting: 1 },
  });
  expect(result.forecast.error).toBeCloseTo(12 / 18, 9);
});
