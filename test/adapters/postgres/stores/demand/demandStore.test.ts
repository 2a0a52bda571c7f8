/** Live bins and history against a real PostgreSQL: no request counts twice, what was decided on stays. */
import type { Database } from '../../../../../adapters/postgres';
import type { BinRow, LiveBinRow } from '../../../../../ports/stores/demand/demandStore';
import { bin } from '../../../../activities/memoryStores';
import { suiteDatabase } from '../../../../support/suiteDatabase';

const minute = 60_000;
const start = Date.UTC(2026, 4, 4);
const clock = { binMs: minute, dayMs: 86_400_000 };

let database: Database;
suiteDatabase((ready) => {
  database = ready;
});

const live = (
  category: string,
  startMs: number,
  requests: number,
  more: Partial<LiveBinRow> = {},
): LiveBinRow => ({ ...bin(category, startMs, requests), source: 'envoy', widthMs: minute, ...more });

const history = (category: string, startMs: number, requests: number, more: Partial<BinRow> = {}): BinRow =>
  bin(category, startMs, requests, { source: 'import', widthMs: minute, ...more });

async function counts(category: string, bins: number, binMs = minute): Promise<(number | null)[]> {
  const series = await database.demand.series(category, { ...clock, binMs }, start, start + bins * binMs);
  return [...series.counts].map((count) => (Number.isNaN(count) ? null : count));
}

const totals = async (category: string, bins: number) =>
  (await database.demand.totals(category, start, start + bins * minute)).map(({ requests }) => requests);

function decide(category: string, atMs: number): Promise<void> {
  return database.decisions.putDecision({
    id: `${category}@${atMs}`,
    category,
    madeMs: atMs,
    forecastId: null,
    trigger: 'bin',
    demand: null,
    peakDemand: null,
    requestsPerNodeBin: 1,
    plan: { required: 1, planned: 1, rule: 'forecast', reason: 'tried' },
    provisioned: 0,
    routable: 0,
  });
}

test('history counts where nothing was measured live, whichever came first', async () => {
  const { demand } = database;
  await demand.append([
    history('both', start, 10, { source: 'tenant-a' }),
    history('both', start, 1, { source: 'tenant-b' }),
    history('both', start + minute, 20),
  ]);
  await demand.appendLive([live('both', start + minute, 21), live('both', start + 2 * minute, 22)]);
  await demand.append([
    history('both', start + 2 * minute, 99),
    history('both', start + 3 * minute, 30, { source: 'tenant-a' }),
    history('both', start + 3 * minute, 3, { source: 'tenant-b' }),
  ]);
  expect(await counts('both', 5)).toEqual([11, 21, 22, 33, null]);
  expect(await totals('both', 5)).toEqual([11, 21, 22, 33]);
  expect(await counts('both', 1, 5 * minute)).toEqual([87]);
});

test('finer and wider history of a time that was measured live does not count', async () => {
  await database.demand.append([
    history('widths', start, 7, { widthMs: minute / 2 }),
    history('widths', start + minute / 2, 8, { widthMs: minute / 2 }),
    history('widths', start + minute, 9, { widthMs: minute / 2 }),
    history('widths', start + 5 * minute, 500, { widthMs: 5 * minute }),
  ]);
  await database.demand.appendLive([live('widths', start, 14), live('widths', start + 7 * minute, 1)]);
  expect(await counts('widths', 2)).toEqual([14, 9]);
  expect(await counts('widths', 2, 5 * minute)).toEqual([23, 1]);
});

test('history that is finer than what was measured live is all there is on a finer grid', async () => {
  await database.demand.appendLive([live('coarse', start, 50, { widthMs: 5 * minute })]);
  await database.demand.append([history('coarse', start, 9), history('coarse', start + minute, 11)]);
  expect(await counts('coarse', 3)).toEqual([9, 11, null]);
  expect(await counts('coarse', 1, 5 * minute)).toEqual([50]);
});

test('a demo or an import under the name of a source stays history', async () => {
  await database.demand.append([history('named', start, 4, { source: 'envoy' })]);
  await database.demand.appendLive([live('named', start, 5)]);
  expect(await counts('named', 1)).toEqual([5]);
});

test('a bin at which the source changes is counted once', async () => {
  const { demand } = database;
  await demand.appendLive([live('moved', start, 5), live('moved', start + minute, 6)]);
  await demand.appendLive([
    live('moved', start + minute, 7, { source: 'prometheus' }),
    live('moved', start + 2 * minute, 8, { source: 'prometheus' }),
  ]);
  expect(await counts('moved', 3)).toEqual([5, 7, 8]);
  expect(await totals('moved', 3)).toEqual([5, 7, 8]);
});

test('a live bin for a part of the time of another is refused, when bins become wider or narrower', async () => {
  const { demand } = database;
  await demand.appendLive([live('rebinned', start, 5), live('rebinned', start + minute, 6)]);
  await demand.appendLive([live('rebinned', start, 90, { widthMs: 5 * minute })]);
  await demand.appendLive([live('rebinned', start + 5 * minute, 100, { widthMs: 5 * minute })]);
  await demand.appendLive([live('rebinned', start + 6 * minute, 1)]);
  expect(await counts('rebinned', 2, 5 * minute)).toEqual([11, 100]);
});

test('a bin is corrected until a decision was made on it; one that is missing is filled even then', async () => {
  const { demand } = database;
  await demand.appendLive([live('late', start, 5), live('late', start + minute, 6)]);
  // In the middle of the second bin: it rests on the first.
  await decide('late', start + 1.5 * minute);
  await demand.appendLive([live('late', start, 50), live('late', start + minute, 60)]);
  expect(await counts('late', 3)).toEqual([5, 60, null]);
  await decide('late', start + 3 * minute);
  await demand.appendLive([live('late', start + minute, 61), live('late', start + 2 * minute, 7)]);
  expect(await counts('late', 3)).toEqual([5, 60, 7]);
});

test('where a category was measured to', async () => {
  await database.demand.append([history('ends', start + 9 * minute, 1)]);
  await database.demand.appendLive([live('ends', start, 1), live('ends', start + minute, 1)]);
  expect(await database.demand.liveEnds(['ends', 'never measured'])).toEqual(
    new Map([['ends', start + 2 * minute]]),
  );
});

test('a month that was imported and measured is read in a few times what a measured month takes', async () => {
  const minutes = 40_000;
  const rows = Array.from({ length: minutes }, (_, index) => index);
  await database.demand.append(rows.map((index) => history('month', start + index * minute, 1_000)));
  for (const name of ['month', 'measured'])
    await database.demand.appendLive(rows.map((index) => live(name, start + index * minute, index % 977)));
  const read = async (name: string) => {
    const fromMs = performance.now();
    const { counts: found } = await database.demand.series(name, clock, start, start + minutes * minute);
    expect(found[minutes - 1]).toBe((minutes - 1) % 977);
    return performance.now() - fromMs;
  };
  // In turns, so that a busy machine is busy for both.
  const took = { month: 0, measured: 0 };
  for (let turn = 0; turn < 3; turn++) {
    took.measured += await read('measured');
    took.month += await read('month');
  }
  expect(took.month / took.measured).toBeLessThan(15);
}, 120_000);

test('the same new bin from many at the same moment is stored once and refuses nobody', async () => {
  const { demand } = database;
  for (let round = 0; round < 60; round++) {
    const at = start + round * minute;
    await Promise.all(Array.from({ length: 8 }, () => demand.appendLive([live('raced', at, round)])));
    await Promise.all(Array.from({ length: 8 }, () => demand.append([history('raced-past', at, round)])));
  }
  expect(await totals('raced', 60)).toEqual(Array.from({ length: 60 }, (_, round) => round));
  expect(await totals('raced-past', 60)).toEqual(Array.from({ length: 60 }, (_, round) => round));
});
