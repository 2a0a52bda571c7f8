/** `calculate` over stores in memory: capacity learned, guards and the fleet's budget on the way of one decision. */
import { calculate } from '../../../activities/allocation/calculate';
import { type CategoryInput, categoryInput } from '../../../core/category/settings';
import type { CalculateInput, DecisionSummary, PredictSummary } from '../../../workflows/contracts';
import { testPolicy } from '../../support/policy';
import { bin, memoryDecisions, memoryDemand, memoryFleet, memoryHolds } from '../memoryStores';

const binMs = 60_000;
const atMs = Date.UTC(2026, 0, 20);

const predicted = (peakDemand: number): PredictSummary => ({
  forecastId: 'f',
  originMs: atMs,
  stage: 'own-model',
  family: 'boosted',
  modelId: 'm',
  incumbent: { id: 'm', trainedToMs: atMs, leadBins: 5 },
  leadBins: 5,
  peakDemand,
  orderDemand: peakDemand,
  peak: { probabilities: [0.5, 0.99], peak: [peakDemand * 0.6, peakDemand] },
  lastDemand: 600,
  horizons: [],
  basis: '',
  distrust: null,
});

function stage(maxNodes: number | null = null, policy = testPolicy()) {
  const learned: number[] = [];
  const holds = memoryHolds();
  const demand = memoryDemand();
  const decisions = memoryDecisions();
  const fleet = memoryFleet(maxNodes);
  const categories = {
    put: async () => undefined,
    stopped: async () => undefined,
    learn: async (_: string, perSecond: number) => void learned.push(perSecond),
    get: async (name: string) => ({
      settings: categoryInput.parse({ name, match: { pathPrefix: '/' } }),
      status: 'running' as const,
      learnedRequestsPerNodeSecond: learned.at(-1) ?? null,
    }),
    list: async () => [],
  };
  const run = calculate({ demand, decisions, categories, fleet, holds, policy, now: () => atMs });
  return {
    learned,
    holds,
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
        required: [{ atMs: atMs - binMs, required: 2 }],
        override: null,
        coming: [],
        paused: false,
        health: null,
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

test('a category that starts again goes on from what was learned, until its nodes show something else', async () => {
  const on = stage();
  const settings = { name: 'orders', requestsPerNodeSecond: 32 };
  for (let index = 60; index > 0; index--)
    await on.demand.append([
      bin('orders', atMs - index * binMs, 600, { busySeconds: 300, capacitySeconds: 480 }),
    ]);
  const before = await on.decide(settings, {});
  const laterMs = atMs + 86_400_000;
  const at = (bins: number) => ({ atMs: laterMs + bins * binMs });
  // A day without demand: the bins that taught it are out of sight, and nothing is learned.
  const restarted = await on.decide(settings, at(0));
  expect(restarted.requestsPerNodeBin).toBeCloseTo(before.requestsPerNodeBin, 9);
  expect(restarted.requestsPerNodeBin).toBeLessThan(420);
  expect(on.learned).toHaveLength(1);
  // The first bins hardly move it; many show that nodes are quick again.
  const quick = (fromBin: number, toBin: number, requests: number) =>
    on.demand.append(
      Array.from({ length: toBin - fromBin }, (_, index) =>
        bin('orders', at(fromBin + index).atMs, requests, { busySeconds: requests * 0.1 }),
      ),
    );
  await quick(0, 1, 40);
  const little = (await on.decide(settings, at(1))).requestsPerNodeBin;
  expect(little).toBeGreaterThan(restarted.requestsPerNodeBin);
  expect(little).toBeLessThan(1.1 * restarted.requestsPerNodeBin);
  await quick(1, 61, 4_000);
  // 4 slots × 60 s × 0.8 ÷ 0.1 s = 1920 requests a bin.
  expect((await on.decide(settings, at(61))).requestsPerNodeBin).toBeGreaterThan(1_850);
  expect(on.learned.at(-1)).toBeGreaterThan(1_850 / 60);
  // The same bins again teach nothing new.
  const { length } = on.learned;
  await on.decide(settings, at(61));
  expect(on.learned).toHaveLength(length);
});

test('a broken measurement that was learned once is bounded by what is configured', async () => {
  const on = stage();
  on.learned.push(1e9);
  expect((await on.decide({ name: 'orders' }, {})).requestsPerNodeBin).toBeCloseTo(800, 9);
});

test('the hold in use is returned with its reason: pinned, by default, or as the latest review chose it', async () => {
  const on = stage();
  const hold = async (more: Partial<CategoryInput> = {}) =>
    (await on.decide({ name: 'orders', ...more }, {})).hold;
  expect(await hold()).toMatchObject({ ms: 120_000, by: 'default', reviewedMs: null });
  const review = { category: 'orders', binMs, decisions: 5_000, reason: 'none is best here' };
  await on.holds.put({ ...review, reviewedMs: atMs - 3_600_000, holdMs: 0 });
  await on.holds.put({ ...review, reviewedMs: atMs + 3_600_000, holdMs: 300_000 });
  expect(await hold()).toEqual({
    ms: 0,
    by: 'review',
    reviewedMs: atMs - 3_600_000,
    reason: 'none is best here',
  });
  expect(await hold({ scaleDownHold: '90s' })).toMatchObject({ ms: 90_000, by: 'settings' });
  // Under other bins the review is void, and bins as long as any hold leave nothing to choose.
  const long = await hold({ bin: '10m', lead: '10m' });
  expect(long).toMatchObject({ ms: 120_000, by: 'default' });
  expect(long.reason).toContain('a bin of 10 min is as long as every hold');
});

test('of what earlier decisions required, the hold in force looks at its part', async () => {
  const on = stage();
  // Newest first here.
  const required = [7, 8, 9, 10].map((nodes, index) => ({
    atMs: atMs - (index + 1) * binMs,
    required: nodes,
  }));
  const planned = async (scaleDownHold: string) =>
    (
      await on.decide(
        { name: 'orders', scaleDownHold },
        { required, predicted: predicted(200), previousPlanned: 12, provisioned: 12 },
      )
    ).planned;
  expect(await planned('1m')).toBe(2);
  expect(await planned('2m')).toBe(7);
  expect(await planned('4m')).toBe(9);
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
    expect(await planned(20, { provisioned: 9, previousPlanned: 9 })).toBe(9);
    expect(await planned(50, { provisioned: 9, previousPlanned: 9 })).toBe(2);
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
    const slow = { ...at(9), predicted: { ...predicted(200), leadBins: 10 } };
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

describe('within the policy of the worker', () => {
  const busy = (name: string, nodes: object = {}) => ({ name, nodes: { max: 10_000, ...nodes } });
  const peak = (peakDemand: number) => ({ predicted: predicted(peakDemand) });

  test('one category never has more than it may, whatever is predicted, overridden or its minimum', async () => {
    const { decide } = stage(null, testPolicy({ nodes: { perCategory: 7 } }));
    for (const decision of [
      await decide(busy('shop'), peak(5_000)),
      await decide(busy('shop', { min: 900, initial: 900 }), peak(0)),
      await decide(busy('shop'), { override: { nodes: 9_000, untilMs: atMs + 1, reason: 'load test' } }),
      await decide(busy('shop'), { ...peak(0), atLeast: { nodes: 900, reason: 'measured' } }),
    ]) {
      expect(decision).toMatchObject({ planned: 7, rule: 'bounded-by-policy' });
      expect(decision.reason).toContain("policy.nodes.perCategory in pam.yaml on the worker's machine");
    }
  });

  test('all together never have more than they may, not even by their minima', async () => {
    const { decide, fleet } = stage(null, testPolicy({ nodes: { perCategory: 7, inAll: 10 } }));
    const first = await decide(busy('shop', { min: 6, initial: 6 }), peak(0));
    const second = await decide(busy('mail', { min: 6, initial: 6 }), peak(0));
    expect([first.planned, second.planned]).toEqual([6, 4]);
    expect(second.rule).toBe('bounded-by-policy');
    expect(second.reason).toContain('policy.nodes.inAll');
    const claims = await fleet.claims();
    expect(claims.reduce((sum, { granted }) => sum + granted, 0)).toBe(10);
  });

  test('a tighter budget of the fleet is named instead', async () => {
    const { decide } = stage(3, testPolicy({ nodes: { inAll: 10 } }));
    const decision = await decide(busy('shop'), peak(900));
    expect(decision).toMatchObject({ planned: 3, rule: 'bounded-by-fleet' });
    expect(decision.reason).toContain('fleet budget of 3');
  });

  test('what exists is kept during maintenance although the policy was lowered', async () => {
    const { decide } = stage(null, testPolicy({ nodes: { perCategory: 2, inAll: 2 } }));
    const window = { from: new Date(atMs - 1).toISOString(), to: new Date(atMs + 60_000).toISOString() };
    const decision = await decide({ ...busy('shop'), maintenance: [window] }, { ...peak(0), provisioned: 5 });
    expect(decision).toMatchObject({ planned: 5, rule: 'maintenance' });
  });
});

describe('demand that is doubted, missing or answered with errors', () => {
  const five = { previousPlanned: 5, provisioned: 5, routable: 5 };
  const history = (...requests: number[]) =>
    requests.map((count, place) => bin('checkout', atMs - (requests.length - place) * binMs, count));

  test('nodes are kept while demand that vanished at once is doubted, and given up afterwards', async () => {
    const run = stage();
    run.demand.rows.push(...history(480, 470, 490, 480, 0));
    const none = { ...predicted(0), lastDemand: 0 };
    expect(await run.decide({ name: 'checkout' }, { ...five, predicted: none })).toMatchObject({
      planned: 5,
      rule: 'demand-doubted',
      reason: expect.stringMatching(/from about 480 requests a bin to none at once.*keeping 5/),
    });
    const later = stage();
    later.demand.rows.push(...history(480, 470, 490, 480, ...Array.from({ length: 12 }, () => 0)));
    expect((await later.decide({ name: 'checkout' }, { ...five, predicted: none })).planned).toBeLessThan(5);
  });

  test('no node is given up while the last bin was not measured', async () => {
    const run = stage();
    const silent = { ...predicted(100), lastDemand: null };
    expect(await run.decide({ name: 'checkout' }, { ...five, predicted: silent })).toMatchObject({
      planned: 5,
      rule: 'last-bin-missing',
    });
  });

  test('errors are told of and order no node', async () => {
    const run = stage();
    run.demand.rows.push({ ...bin('checkout', atMs - binMs, 400), errors: 120 });
    const { planned, reason } = await run.decide(
      { name: 'checkout' },
      { ...five, predicted: { ...predicted(480), lastDemand: 400 } },
    );
    expect(planned).toBe(5);
    expect(reason).toMatch(/30 % of the requests in the last bin were answered with an error/);
  });
});
