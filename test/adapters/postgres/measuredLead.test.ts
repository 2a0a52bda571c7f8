/** Ticks of a category whose nodes come late, `predict` to `verify` over a real PostgreSQL: the lead in use follows. */
import { predict } from '../../../activities/allocation/predict';
import { verify } from '../../../activities/allocation/verify';
import type { Database } from '../../../adapters/postgres';
import { gatherWalk } from '../../../cli/explain/gatherWalk';
import { walkText } from '../../../cli/explain/walkText';
import { categoryInput } from '../../../core/category/settings';
import type { NodePool, PoolNode } from '../../../ports/nodePool';
import type { LeadSummary } from '../../../workflows/contracts';
import { bin } from '../../activities/memoryStores';
import { suiteDatabase } from '../../support/suiteDatabase';

const binMs = 60_000;
const start = Date.UTC(2026, 4, 4);
let database: Database;
suiteDatabase((ready) => {
  database = ready;
});

/** A pool whose nodes take traffic so long after they were made; never where that is infinite. */
function slowPool(bootMs: () => number, now: () => number) {
  const made: { id: string; createdMs: number; routableMs: number }[] = [];
  const observe: NodePool['observe'] = async () => {
    const nodes = made.map(
      ({ id, createdMs, routableMs }): PoolNode => ({
        id,
        address: { host: '127.0.0.1', port: 1 },
        state: now() >= routableMs ? 'routable' : 'booting',
        createdMs,
        expiresMs: createdMs + 86_400_000,
        tags: {},
      }),
    );
    const routable = nodes.filter(({ state }) => state === 'routable').length;
    return { nodes, provisioned: nodes.length, routable };
  };
  const nothing = async () => ({ created: [], removed: [], provisioned: 0 });
  return {
    pool: { observe, reconcile: nothing, remove: nothing } satisfies NodePool,
    order: () =>
      made.push({ id: `n${made.length}`, createdMs: now() + 500, routableMs: now() + 500 + bootMs() }),
  };
}

/** Ticks and looks in between of `minutes`, a node ordered every sixth minute; the lead as it was last. */
async function play(name: string, minutes: number, bootMs: () => number) {
  const settings = categoryInput.parse({ name, match: { pathPrefix: '/' }, lead: '3m' });
  await database.categories.put(settings);
  let nowMs = start;
  const { pool, order } = slowPool(bootMs, () => nowMs);
  const live = async () => ({ requestsPerSecond: null, overMs: 0, utilization: null });
  const demandSources = { of: () => ({ live }) };
  const deps = { ...database, pool, demandSources, now: () => nowMs } as unknown as Parameters<
    typeof verify
  >[0] &
    Parameters<typeof predict>[0];
  const predicts = predict(deps);
  const verifies = verify(deps);
  const look = (decisionId: string | null, orderedMs: number | null) =>
    verifies({
      ...{ settings, decisionId, orderedMs },
      planned: 0,
      requestsPerNodeBin: null,
      predicted: null,
      trainedMs: null,
      unmetSinceMs: null,
      health: null,
      paused: false,
    });
  const leads: number[] = [];
  let last: LeadSummary | null = null;
  await database.demand.append(
    Array.from({ length: 60 }, (_, index) => bin(name, start - (60 - index) * binMs, 100)),
  );
  for (let minute = 0; minute < minutes; minute++) {
    await database.demand.append([bin(name, start + (minute - 1) * binMs, 100)]);
    nowMs = start + minute * binMs + 2_000;
    const id = `${name}@${minute}`;
    const predicted = await predicts({ forecastId: id, settings, atMs: nowMs, distrust: null });
    leads.push(predicted.leadBins);
    const decidedMs = nowMs;
    await database.decisions.putDecision({
      id,
      category: name,
      madeMs: decidedMs,
      forecastId: id,
      trigger: 'bin',
      demand: 100,
      peakDemand: predicted.peakDemand,
      requestsPerNodeBin: 100,
      plan: { required: 1, planned: 1, rule: 'forecast', reason: 'played' },
      provisioned: 0,
      routable: 0,
    });
    if (minute % 6 === 0) order();
    nowMs += 4_000;
    last = (await look(id, decidedMs)).lead;
    nowMs = start + minute * binMs + binMs / 2;
    await look(null, null);
  }
  return { leads, last };
}

test('a pool that boots more slowly than configured raises the lead in use, which is told and stored', async () => {
  const { leads, last } = await play('slow', 30, () => 5.2 * binMs);
  expect(leads[0]).toBe(3);
  // Two orders came late by then, and the third, of minute 12, has waited for longer than the lead.
  expect(leads.slice(0, 16).every((bins) => bins === 3)).toBe(true);
  expect(new Set(leads.slice(16))).toEqual(new Set([6]));
  expect(last).toMatchObject({ configuredMs: 3 * binMs, failed: 0, sinceMs: expect.any(Number) });
  // Seen waiting a little after the fifth minute and routable in its middle.
  expect(last?.p50Ms).toBeGreaterThan(5.1 * binMs);
  expect(last?.p50Ms).toBeLessThan(5.5 * binMs);
  expect((await database.leadTimes.at('slow', start + 30 * binMs))?.bins).toBe(6);
  expect((await database.decisions.forecast('slow@29'))?.leadBins).toBe(6);

  const walk = await gatherWalk(database, 'slow', start + 30 * binMs, start + 30 * binMs);
  const text = walkText(walk).join('\n');
  expect(text).toMatch(/lead {6}6 bins \(configured 3 min now\): since \d+ \w+ before, raised from 3 bins/);
  expect(text).toMatch(/half within 5 min, 95 % within 5 min \(\d orders, \d nodes\)/);
}, 60_000);

test('a pool whose nodes never come raises nothing at once and says so', async () => {
  const { leads, last } = await play('stuck', 30, () => Number.POSITIVE_INFINITY);
  expect(new Set(leads)).toEqual(new Set([3]));
  expect(last).toMatchObject({ orders: 1, failed: 1, p95Ms: null });
  expect(last?.warning).toContain('brought no routable node within 9 min');
}, 60_000);
