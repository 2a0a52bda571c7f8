/** Looks of `verify` at nodes that fail their health check, over a real PostgreSQL: what is given up, and what is told. */
import { verify } from '../../../activities/allocation/verify';
import type { Database } from '../../../adapters/postgres';
import { categoryInput } from '../../../core/category/settings';
import type { NodeState, PoolNode } from '../../../ports/nodePool';
import type { VerifySummary } from '../../../workflows/contracts';
import { suiteDatabase } from '../../support/suiteDatabase';

const start = Date.UTC(2026, 4, 4);
let database: Database;
suiteDatabase((ready) => {
  database = ready;
});

type States = Readonly<Record<string, NodeState>>;

/** Looks every half minute; `states` by the minute. What each look found. */
async function play(
  change: object,
  minutes: number,
  states: (minute: number) => States,
  load: { requestsPerSecond: number | null; requestsPerNodeBin: number | null } = {
    requestsPerSecond: null,
    requestsPerNodeBin: null,
  },
) {
  const settings = categoryInput.parse({ name: 'shop', match: { pathPrefix: '/' }, ...change });
  await database.categories.put(settings);
  let nowMs = start;
  let current: States = {};
  const observe = async () => {
    const nodes = Object.entries(current).map(
      ([id, state]): PoolNode => ({
        id,
        address: { host: '127.0.0.1', port: 1 },
        state,
        createdMs: start - 600_000,
        expiresMs: start + 86_400_000,
        tags: {},
      }),
    );
    const routable = nodes.filter(({ state }) => state === 'routable').length;
    return { nodes, provisioned: nodes.length, routable };
  };
  const { requestsPerSecond, requestsPerNodeBin } = load;
  const live = async () => ({ requestsPerSecond, overMs: settings.binMs, utilization: null });
  const deps = { ...database, pool: { observe }, demandSources: { of: () => ({ live }) }, now: () => nowMs };
  const look = verify(deps as unknown as Parameters<typeof verify>[0]);
  const found: VerifySummary[] = [];
  for (let half = 0; half < 2 * minutes; half++) {
    nowMs = start + half * 30_000;
    current = states(half / 2);
    const health = found.at(-1)?.health ?? null;
    found.push(
      await look({
        ...{ settings, requestsPerNodeBin, health },
        decisionId: null,
        planned: 4,
        predicted: null,
        trainedMs: null,
        orderedMs: null,
        unmetSinceMs: null,
        paused: false,
      }),
    );
  }
  return found;
}

test('a node that served is given up after its grace; one that never did is told and left to boot', async () => {
  const found = await play({ unhealthyGrace: '2m' }, 5, (minute) => ({
    a: 'routable',
    b: 'routable',
    c: minute < 1 ? 'routable' : 'unhealthy',
    slow: 'unhealthy',
  }));
  const given = found.findIndex(({ health }) => (health?.replacing.length ?? 0) > 0);
  // Ill from the first minute on, looked at twice a minute.
  expect(given).toBe(2 * (1 + 2));
  expect(found[given]?.health?.replacing).toEqual([{ id: 'c', sinceMs: start + 60_000 }]);
  expect(found[given]?.finding).toMatch(
    /^2 of 4 planned nodes are routable, 1 unhealthy that never took traffic, 1 of 3 nodes is unhealthy: c since .* is being replaced/,
  );
  expect(found[0]?.health).toBeNull();
});

test('a node that has not come up within three times its lead and the grace is given up', async () => {
  const found = await play({ lead: '2m', unhealthyGrace: '2m' }, 5, () => ({
    a: 'routable',
    b: 'routable',
    c: 'routable',
    // Made ten minutes before: later than any lead that would be planned with at the first look.
    stuck: 'booting',
  }));
  const given = found.findIndex(({ health }) => (health?.replacing.length ?? 0) > 0);
  expect(given).toBe(2 * 2);
  expect(found[given]?.health?.replacing).toEqual([{ id: 'stuck', sinceMs: start, neverUp: true }]);
  expect(found[given]?.finding).toMatch(/stuck, which never took traffic, since .*, is being replaced$/);
});

test('what is measured is held against the nodes that can be counted on', async () => {
  const found = await play(
    {},
    2,
    (minute) => ({ a: 'routable', b: 'routable', c: 'routable', d: minute < 1 ? 'routable' : 'unhealthy' }),
    // 60 a bin, 20 a node: three of the four are enough, and not one less.
    { requestsPerSecond: 1, requestsPerNodeBin: 20 },
  );
  expect(found.map(({ scaleUp }) => scaleUp)).toEqual([null, null, null, null]);
  const short = await play(
    {},
    2,
    (minute) => ({ a: 'routable', b: 'routable', c: 'routable', d: minute < 1 ? 'routable' : 'unhealthy' }),
    { requestsPerSecond: 1.05, requestsPerNodeBin: 20 },
  );
  // At the first look that finds it ill it may be well again in a moment.
  expect(short.map(({ scaleUp }) => scaleUp?.nodes)).toEqual([undefined, undefined, undefined, 5]);
});

test('during maintenance none is given up', async () => {
  const to = new Date(start + 3_600_000).toISOString();
  const maintenance = [{ from: new Date(start).toISOString(), to, reason: 'switch' }];
  const found = await play({ maintenance }, 8, (minute) => ({
    a: 'routable',
    b: minute < 1 ? 'routable' : 'unhealthy',
  }));
  expect(found.at(-1)?.health).toMatchObject({ replacing: [], unhealthy: [{ id: 'b' }] });
  expect(found.at(-1)?.finding).toMatch(/none is replaced during maintenance \(switch\)/);
});
