/** The collector with scripted sources: what it asks for, what it stores again, what one source's trouble does to others. */
import { createCollector } from '../../../adapters/demand';
import { type CategoryInput, categoryInput } from '../../../core/category/settings';
import { PamError } from '../../../core/errors';
import { correctedBins, type DemandSource } from '../../../ports/demandSource';
import type { LiveBinRow } from '../../../ports/stores/demand/demandStore';

const minute = 60_000;
const start = Date.UTC(2026, 4, 4, 10);
const day = 86_400_000;

interface Asked {
  readonly category: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Answers what `requests` has by the start of the bin. */
function scripted(name: string, requests: ReadonlyMap<number, number>, settleMs = 0) {
  const asked: Asked[] = [];
  const failing = { error: null as Error | null };
  const source: DemandSource = {
    name,
    knows: new Set(),
    settleMs: () => settleMs,
    bins: async ({ name: category }, fromMs, toMs) => {
      asked.push({ category, fromMs, toMs });
      if (failing.error !== null) throw failing.error;
      return [...requests]
        .filter(([startMs]) => startMs >= fromMs && startMs < toMs)
        .map(([startMs, count]) => ({ startMs, requests: count }));
    },
    live: async () => ({ requestsPerSecond: null, overMs: 0, utilization: null }),
  };
  return { source, asked, failing };
}

interface Played {
  readonly appended: LiveBinRow[][];
  readonly failures: unknown[];
  /** Looks when it is this late. */
  lookAt(atMs: number): Promise<void>;
}

function collecting(
  sources: readonly DemandSource[],
  of: (category: string) => DemandSource,
  categories: () => readonly CategoryInput[],
  liveEnds: ReadonlyMap<string, number> = new Map(),
): Played {
  let nowMs = start;
  const appended: LiveBinRow[][] = [];
  const failures: unknown[] = [];
  const collector = createCollector({
    sources: { all: sources, of: ({ name }) => of(name) },
    categories: {
      list: async () =>
        categories().map((input) => ({
          settings: categoryInput.parse(input),
          status: 'running',
          learnedRequestsPerNodeSecond: null,
        })),
    },
    demand: {
      appendLive: async (rows) => void appended.push([...rows]),
      liveEnds: async () => liveEnds,
    },
    onFailure: (error) => failures.push(error),
    now: () => nowMs,
  });
  return {
    appended,
    failures,
    lookAt: async (atMs) => {
      nowMs = atMs;
      await collector.look();
    },
  };
}

const orders: CategoryInput = { name: 'orders', demand: { imports: {} } };
const briefly = (rows: readonly LiveBinRow[] | undefined) =>
  rows?.map(({ startMs, requests }) => [(startMs - start) / minute, requests]);

test('a count that comes late is stored again, one that is as it was is not', async () => {
  const requests = new Map([[start, 5]]);
  const { source } = scripted('log', requests);
  const { appended, lookAt } = collecting(
    [source],
    () => source,
    () => [orders],
  );
  await lookAt(start + minute);
  requests.set(start + minute, 6);
  await lookAt(start + 2 * minute);
  requests.set(start, 8).set(start + 2 * minute, 7);
  await lookAt(start + 3 * minute);
  expect(appended.map(briefly)).toEqual([
    [[0, 5]],
    [[1, 6]],
    [
      [0, 8],
      [2, 7],
    ],
  ]);
  expect(appended[0]?.[0]).toMatchObject({ category: 'orders', source: 'log', widthMs: minute });
});

test('it asks from the end of what was measured before, at most a day back, and then for the latest bins again', async () => {
  const { source, asked } = scripted('log', new Map());
  const { lookAt } = collecting(
    [source],
    () => source,
    () => [orders, { ...orders, name: 'new' }],
    new Map([['orders', start - 3 * minute]]),
  );
  await lookAt(start + 500);
  await lookAt(start + minute);
  await lookAt(start + 10 * minute);
  const spans = asked
    .filter(({ category }) => category === 'orders')
    .map(({ fromMs, toMs }) => [(fromMs - start) / minute, (toMs - start) / minute]);
  expect(spans).toEqual([
    [-3, 0],
    [-3, 1],
    [1 - correctedBins > -3 ? 1 - correctedBins : -3, 10],
  ]);
  expect(asked.find(({ category }) => category === 'new')).toMatchObject({
    fromMs: start - day + minute,
    toMs: start,
  });
});

test('nothing is asked for before it has settled', async () => {
  const { source, asked } = scripted('log', new Map(), 15_000);
  const { lookAt } = collecting(
    [source],
    () => source,
    () => [orders],
  );
  await lookAt(start + minute);
  await lookAt(start + minute + 14_999);
  expect(asked.map(({ toMs }) => toMs)).toEqual([start]);
  await lookAt(start + minute + 15_000);
  expect(asked.map(({ toMs }) => toMs)).toEqual([start, start + minute]);
});

test('what a source could not answer is asked for again; other sources and categories go on', async () => {
  const bad = scripted('bad', new Map([[start, 1]]));
  const good = scripted('good', new Map([[start, 2]]));
  bad.failing.error = new PamError('UNAVAILABLE', 'down');
  const { appended, failures, lookAt } = collecting(
    [bad.source, good.source],
    (name) => (name === 'orders' ? good.source : bad.source),
    () => [orders, { ...orders, name: 'first' }, { ...orders, name: 'second' }],
  );
  await lookAt(start + minute);
  // Told once, not for each of its categories.
  expect(failures).toEqual([bad.failing.error]);
  expect(appended.flat().map(({ category }) => category)).toEqual(['orders']);
  bad.failing.error = null;
  await lookAt(start + minute + 1_000);
  expect(appended.flat().map(({ category, requests }) => [category, requests])).toEqual([
    ['orders', 2],
    ['first', 1],
    ['second', 1],
  ]);
});

test('a category that changes its source is asked for at the new one from the end of what was measured', async () => {
  const one = scripted('one', new Map([[start, 1]]));
  const two = scripted(
    'two',
    new Map([
      [start, 9],
      [start + minute, 2],
    ]),
  );
  const ends = new Map<string, number>();
  let chosen = one.source;
  const { appended, lookAt } = collecting(
    [one.source, two.source],
    () => chosen,
    () => [orders],
    ends,
  );
  await lookAt(start + minute);
  ends.set('orders', start + minute);
  chosen = two.source;
  await lookAt(start + 2 * minute);
  expect(
    appended.flat().map(({ source, startMs, requests }) => [source, (startMs - start) / minute, requests]),
  ).toEqual([
    ['one', 0, 1],
    ['two', 1, 2],
  ]);
  expect(one.asked).toHaveLength(1);
});

describe('one category among others', () => {
  const two = [
    { name: 'calm', match: { pathPrefix: '/calm' } },
    { name: 'odd', match: { pathPrefix: '/odd' } },
  ];
  const measured = new Map([[start, 5]]);

  test('a category whose bins do not come holds up no other', async () => {
    const { source } = scripted('slow', measured);
    const slow: DemandSource = {
      ...source,
      bins: (category, ...times) =>
        category.name === 'odd' ? new Promise(() => undefined) : source.bins(category, ...times),
    };
    const played = collecting(
      [slow],
      () => slow,
      () => two,
    );
    await played.lookAt(start + minute);
    expect(played.appended.flat().map(({ category }) => category)).toEqual(['calm']);
  });

  test('settings that no source is found for keep only that category out', async () => {
    const { source } = scripted('one', measured);
    const of = (name: string): DemandSource => {
      if (name === 'odd') throw new PamError('REJECTED', 'demand.source of "odd": no such source');
      return source;
    };
    const played = collecting([source], of, () => two);
    await played.lookAt(start + minute);
    expect(played.appended.flat().map(({ category }) => category)).toEqual(['calm']);
    expect(played.failures).toHaveLength(1);
  });

  test('the clock goes a day ahead and back: bins are asked for again at once', async () => {
    const { source, asked } = scripted('one', new Map([[start, 5]]));
    const played = collecting(
      [source],
      () => source,
      () => two.slice(0, 1),
    );
    await played.lookAt(start + minute);
    await played.lookAt(start + day);
    const before = asked.length;
    await played.lookAt(start + 2 * minute);
    await played.lookAt(start + 3 * minute);
    expect(asked.slice(before).map(({ toMs }) => toMs)).toEqual([start + 2 * minute, start + 3 * minute]);
  });
});
