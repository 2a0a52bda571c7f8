/** `calculate` over stores in memory: capacity learned, guards and the fleet's budget on the way of one decision. */
import { calculate } from '../../../activities/allocation/calculate';
import { type CategoryInput, categoryInput } from '../../../core/category/settings';
import type { CalculateInput, DecisionSummary, PredictSummary } from '../../../workflows/contracts';
import { bin, memoryDecisions, memoryDemand, memoryFleet } from '../memoryStores';

const binMs = 60_000;
const atMs = Date.UTC(2026, 0, 20);

const predicted = (peakDemand: number): PredictSummary => ({
  forecastId: 'f',
  originMs: atMs,
  stage: 'own-model',
  family: 'boosted',
  modelId: 'm',
  peakDemand,
  peakQuantiles: [
    { probability: 0.5, count: peakDemand * 0.6 },
    { probability: 0.99, count: peakDemand },
  ],
  lastDemand: 600,
  horizons: [],
  basis: '',
  trainingDue: null,
});

function stage(maxNodes: number | null = null) {
  const learned: number[] = [];
  const demand = memoryDemand();
  const decisions = memoryDecisions();
  const fleet = memoryFleet(maxNodes);
  const categories = {
    put: async () => undefined,
    stopped: async () => undefined,
    learn: async (_: string, perSecond: number) => void learned.push(perSecond),
    get: async () => null,
    list: async () => [],
  };
  const run = calculate({ demand, decisions, categories, fleet });
  return {
    learned,
    demand,
    decisions,
    fleet,
    /** One decision of a category whose nodes serve 100 requests a bin each. */
    decide(more: Partial<CategoryInput> & { name: string }, input: Partial<CalculateInput>) {
      const settings = categoryInput.parse({
        match: { pathPrefix: `/${more.name}` },
        requestsPerNodeSecond: 100 / 60,
        ...more,
      });
      return run({
        decisionId: `${more.name}@1`,
        settings,
        trigger: 'bin',
        atMs,
        predicted: predicted(2_000),
        provisioned: 2,
        routable: 2,
        previousPlanned: 2,
        recentRequired: [2],
        override: null,
        paused: false,
        atLeast: null,
        ...input,
      });
    },
  };
}

test('learns what a node takes from what requests consumed', async () => {
  const on = stage();
  // Half a node-second a request instead of the configured tenth.
  for (let index = 60; index > 0; index--)
    await on.demand.append([
      bin('orders', atMs - index * binMs, 600, { busySeconds: 300, capacitySeconds: 480 }),
    ]);
  const summary = await on.decide({ name: 'orders', requestsPerNodeSecond: 32 }, {});
  // 4 slots × 60 s × 0.8 ÷ 0.5 s = 384 requests a bin.
  expect(summary.requestsPerNodeBin).toBeGreaterThan(370);
  expect(summary.requestsPerNodeBin).toBeLessThan(420);
  expect(summary.planned).toBe(Math.ceil(2_000 / summary.requestsPerNodeBin));
  expect(summary.reason).toMatch(/2000 requests a bin .* per node = \d+ nodes/);
  expect(on.learned[0]).toBeCloseTo(summary.requestsPerNodeBin / 60);
  expect(on.decisions.made.get('orders@1')?.plan.planned).toBe(summary.planned);
});

test('nodes that exist are kept for the whole peak, new ones are ordered only for the order demand', async () => {
  const on = stage();
  const banded = { ...predicted(2_000), orderDemand: 1_450 };
  const ordered = await on.decide({ name: 'growing' }, { predicted: banded });
  expect(ordered).toMatchObject({ required: 20, planned: 15, rule: 'order-not-worth-it-yet' });
  const kept = await on.decide({ name: 'kept' }, { predicted: banded, previousPlanned: 19, provisioned: 19 });
  expect(kept.planned).toBe(19);
});

test('the fleet budget is never exceeded, whoever comes first, and the reason says who waits', async () => {
  const on = stage(20);
  const grants = new Map<string, number>();
  const tick = async (
    name: string,
    peak: number,
    more: Partial<CategoryInput> = {},
  ): Promise<DecisionSummary> => {
    const decision = await on.decide({ name, ...more }, { predicted: predicted(peak) });
    grants.set(name, decision.planned);
    expect([...grants.values()].reduce((sum, nodes) => sum + nodes, 0)).toBeLessThanOrEqual(20);
    return decision;
  };
  expect((await tick('first', 1_500)).planned).toBe(15);
  const second = await tick('second', 1_500, { weight: 10 });
  // Five are free; the rest of its larger share comes when the other has given up its own.
  expect(second).toMatchObject({ planned: 5, rule: 'bounded-by-fleet' });
  expect(second.reason).toMatch(/fleet budget of 20: 5 of 15 granted, \d+ more as soon as others/);
  const first = await tick('first', 1_500);
  expect(first.planned).toBeLessThan(10);
  const settled = await tick('second', 1_500, { weight: 10 });
  expect(settled.planned + first.planned).toBe(20);
  expect(settled.planned).toBeGreaterThan(first.planned);
  // What the other does not need any more is there at the next decision.
  await tick('second', 300, { weight: 10 });
  expect(await tick('first', 1_500)).toMatchObject({ planned: 15, rule: 'forecast' });
});

test('a forecast-only category takes nothing of the budget', async () => {
  const on = stage(4);
  expect((await on.decide({ name: 'watched', mode: 'forecast-only' }, {})).planned).toBe(20);
  expect((await on.decide({ name: 'served' }, { predicted: predicted(400) })).planned).toBe(4);
});

test('while the objective is breached for long, more is asked for and nothing given up', async () => {
  const on = stage();
  for (let index = 60; index > 0; index--)
    await on.demand.append([
      bin('late', atMs - index * binMs, 1_000, { late: index <= 20 ? 100 : 0, errors: 0 }),
    ]);
  const settings = { name: 'late', nodes: { max: 50 } };
  const held = await on.decide(settings, { predicted: predicted(800), previousPlanned: 12, provisioned: 12 });
  expect(held).toMatchObject({ required: 10, planned: 12, rule: 'error-budget' });
  expect(held.reason).toMatch(/error budget spent \(3\.33 % late or failed, 20 of 60 bins bad\)/);
  const raised = await on.decide(settings, { predicted: predicted(2_000), previousPlanned: 12 });
  expect(raised).toMatchObject({ planned: 25, rule: 'forecast' });
});

test('in a maintenance window the nodes stay as they are', async () => {
  const on = stage();
  const maintenance = [{ from: '2026-01-19T23:00:00Z', to: '2026-01-20T01:00:00Z', reason: 'switch' }];
  expect(await on.decide({ name: 'kept', maintenance }, { provisioned: 3 })).toMatchObject({
    planned: 3,
    required: 20,
    rule: 'maintenance',
  });
  const after = { atMs: Date.UTC(2026, 0, 20, 1), provisioned: 3 };
  expect((await on.decide({ name: 'kept', maintenance }, after)).planned).toBe(20);
});

describe('a maintenance window that is to come', () => {
  const iso = (minutes: number) => new Date(atMs + minutes * binMs).toISOString();
  const at = (minutes: number) => ({ atMs: atMs + minutes * binMs, predicted: predicted(200) });
  const shop = (nodes?: number) => ({
    name: 'shop',
    lead: '5m',
    maintenance: [{ from: iso(20), to: iso(50), ...(nodes === undefined ? {} : { nodes }) }],
  });

  test('has its nodes on order the lead before its start, keeps them in it and lets them go after it', async () => {
    const world = stage();
    const planned = async (minutes: number, input: Partial<CalculateInput> = {}) =>
      (await world.decide(shop(9), { ...at(minutes), ...input })).planned;
    expect(await planned(12)).toBe(2);
    expect(await planned(14)).toBe(9);
    expect(await planned(20, { provisioned: 9, previousPlanned: 9, recentRequired: [2] })).toBe(9);
    expect(await planned(50, { provisioned: 9, previousPlanned: 9, recentRequired: [2] })).toBe(2);
  });

  test('is prepared for what that time needed yesterday and last week when it names no number', async () => {
    const world = stage();
    const day = 24 * 60;
    world.demand.rows.push(
      bin('shop', atMs + (30 - day) * binMs, 700),
      bin('shop', atMs + (30 - 7 * day) * binMs, 1_150),
    );
    // Outside of the window, and on another day: no reason to keep nodes.
    world.demand.rows.push(
      bin('shop', atMs + (55 - day) * binMs, 1_900),
      bin('shop', atMs + (30 - 3 * day) * binMs, 1_900),
    );
    const decision = await world.decide(shop(), at(14));
    expect(decision).toMatchObject({ planned: 12, required: 2, rule: 'coming-window' });
    expect(decision.reason).toMatch(/maintenance from 2026-01-20T00:20:00\.000Z needs 12/);
    expect((await world.decide(shop(), at(12))).planned).toBe(2);
    // Taken back: the next decision knows nothing of it.
    expect((await world.decide({ name: 'shop', lead: '5m' }, at(15))).planned).toBe(2);
  });

  test('uses the lead that was measured, and an override that is to come is prepared in the same way', async () => {
    const world = stage();
    const lead = { ms: 10 * binMs } as NonNullable<PredictSummary['lead']>;
    const slow = { ...at(9), predicted: { ...predicted(200), lead } };
    expect((await world.decide(shop(9), slow)).planned).toBe(9);
    const coming = [{ nodes: 7, fromMs: atMs + 20 * binMs, untilMs: atMs + 40 * binMs, reason: 'show' }];
    const bare = { name: 'shop', lead: '5m' };
    expect((await world.decide(bare, { ...at(12), coming })).planned).toBe(2);
    expect(await world.decide(bare, { ...at(14), coming })).toMatchObject({
      planned: 7,
      reason: expect.stringContaining('override (show) from'),
    });
    // Fewer nodes than the forecast asks for are not given up ahead of its start.
    const low = [{ ...coming[0]!, nodes: 1 }];
    expect((await world.decide(bare, { ...at(14), predicted: predicted(2_000), coming: low })).planned).toBe(
      20,
    );
  });
});
