/** Scoring as `verify` does it, against a real PostgreSQL: figures of stored forecasts, drift found and answered. */
import { scoreForecasts } from '../../../activities/allocation/scoreForecasts';
import { type Database, migrate, openDatabase } from '../../../adapters/postgres';
import { categoryInput } from '../../../core/category/settings';
import { seededRandom } from '../../../core/statistics/random';
import { bin } from '../../activities/memoryStores';
import { createTestDatabase, type TestDatabase } from '../../support/database';

const settings = categoryInput.parse({ name: 'orders', match: { pathPrefix: '/' } });
const binMs = settings.binMs;
const day = settings.dayMs / binMs;
const start = Date.UTC(2026, 4, 4);
const days = 10;

let server: TestDatabase;
let database: Database;
const random = seededRandom(1);
/** A daily wave with a tenth of noise; twice as much from `doubledFrom` on. */
const doubledFrom = days * day + 120;
const counts = Array.from({ length: (days + 1) * day }, (_, index) =>
  Math.round(
    (300 + 200 * Math.sin((2 * Math.PI * index) / day)) *
      (0.9 + 0.2 * random()) *
      (index >= doubledFrom ? 2 : 1),
  ),
);

beforeAll(async () => {
  server = await createTestDatabase();
  await migrate(server.url);
  database = await openDatabase({ url: server.url });
  await database.demand.append(
    counts.map((requests, index) => bin('orders', start + index * binMs, requests)),
  );
}, 60_000);

afterAll(async () => {
  await database?.close();
  await server?.drop();
});

/** A forecast at the start of bin `index` that is off by `factor` of what the bins turn out to be. */
async function forecastAt(index: number, factor: number): Promise<void> {
  const around = (ahead: number) => counts[index + ahead]! * factor;
  await database.decisions.putForecast({
    id: `orders@${index}`,
    category: 'orders',
    madeMs: start + index * binMs + 500,
    modelId: 'm1',
    family: 'boosted',
    horizonBins: [5, 15],
    leadBins: 5,
    probabilities: [0.5, 0.99],
    forecast: {
      originMs: start + index * binMs,
      horizons: [4, 14].map((ahead) => [around(ahead), around(ahead) * 1.3]),
      peak: [Math.max(...[0, 1, 2, 3, 4, 5].map(around)), 2_000],
    },
  });
}

function tick(index: number, trainedMs: number | null = null) {
  const deps = { ...database, now: () => start + index * binMs + 800 };
  return scoreForecasts(deps, { settings, predicted: { modelId: 'm1', incumbent: null }, trainedMs });
}

test('old demand teaches what is usual, forecasts are scored once, a doubled level is found, and a training answers it', async () => {
  const first = days * day;
  // Ten days are taken some at a time; nothing of them is a drift.
  for (let round = 0; round < 44; round++) expect((await tick(first)).drifts).toEqual([]);

  for (let index = first; index < first + 60; index++) {
    await forecastAt(index, 1.1);
    await tick(index + 1);
    await tick(index + 1);
  }
  const { targets, relativeError, modelId } = await tick(first + 80);
  expect(modelId).toBe('m1');
  expect(targets.map(({ aheadMs, scores }) => [aheadMs, scores])).toEqual([
    [0, 60],
    [300_000, 60],
    [900_000, 60],
  ]);
  for (const target of targets) {
    expect(target.bias).toBeCloseTo(0.1);
    expect(target.coverage).toBe(1);
    expect(target.acceptedCoverage).toBeCloseTo(0.99);
  }
  // A tenth too high is worse than the last value on a wave that hardly moves within minutes.
  expect(relativeError).toBeGreaterThan(0.7);
  expect((await database.accuracy.ofModel('orders', 'm1')).map(({ scores }) => scores)).toEqual([60, 60, 60]);

  let found: number | null = null;
  for (let index = first + 81; found === null && index < doubledFrom + 40; index++)
    if ((await tick(index)).drifts.length > 0) found = index;
  expect(found).not.toBeNull();
  expect(found! - doubledFrom).toBeGreaterThan(0);
  expect(found! - doubledFrom).toBeLessThanOrEqual(30);
  const { drifts } = await tick(found! + 1);
  expect(drifts).toEqual([expect.objectContaining({ kind: 'level' })]);
  expect(Math.abs(drifts[0]!.sinceMs - (start + doubledFrom * binMs))).toBeLessThanOrEqual(5 * binMs);
  expect(drifts[0]!.what).toMatch(/demand is (1\.[89]|2\.[01])\d times what it was before/);
  const recorded = await database.accuracy.drifts('orders', start, start + counts.length * binMs);
  expect(recorded).toEqual([{ category: 'orders', modelId: 'm1', ...drifts[0] }]);

  const answered = await tick(found! + 2, start + (found! + 1) * binMs);
  expect(answered.drifts).toEqual([]);
}, 120_000);

test('a bin that comes late is waited for, one that never comes is not', async () => {
  const other = categoryInput.parse({ name: 'late', match: { pathPrefix: '/' } });
  const lateBin = (index: number) => bin('late', start + index * binMs, 5);
  const seenBins = async (now: number) => {
    const deps = { ...database, now: () => start + now * binMs };
    for (let round = 0; round < 45; round++)
      await scoreForecasts(deps, { settings: other, predicted: null, trainedMs: null });
    const tests = (await database.accuracy.tests('late')) as { nextBinMs: number };
    return (tests.nextBinMs - start) / binMs;
  };
  await database.demand.append([0, 1, 2].map(lateBin));
  expect(await seenBins(4)).toBe(3);
  await database.demand.append([lateBin(3)]);
  expect(await seenBins(4)).toBe(4);
  expect(await seenBins(7)).toBe(5);
}, 60_000);

test('a category without anything is scored as nothing', async () => {
  const other = categoryInput.parse({ name: 'empty', match: { pathPrefix: '/' } });
  const deps = { ...database, now: () => start + days * settings.dayMs };
  expect(await scoreForecasts(deps, { settings: other, predicted: null, trainedMs: null })).toEqual({
    modelId: null,
    relativeError: null,
    targets: [],
    drifts: [],
  });
});
