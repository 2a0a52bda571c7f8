/** `predict` over stores in memory: the stages from no history to a model, and a worker that is new. */
import { predict } from '../../../activities/allocation/predict';
import type { NodeBoot } from '../../../core/capacity/boots';
import { type CategorySettings, categoryInput } from '../../../core/category/settings';
import { familyNamed } from '../../../core/forecasting/families/families';
import {
  bin,
  memoryAccuracy,
  memoryBoots,
  memoryDecisions,
  memoryDemand,
  memoryHolds,
  memoryLeads,
  memoryModels,
  noEvents,
} from '../memoryStores';

const settings = categoryInput.parse({ name: 'orders', match: { pathPrefix: '/' } });
const binMs = settings.binMs;
const origin = Math.floor(Date.UTC(2026, 0, 20) / binMs) * binMs;

/** A daily wave with a little seeded noise. */
function demandAt(startMs: number): number {
  const phase = ((startMs % settings.dayMs) / settings.dayMs) * 2 * Math.PI;
  const noise = Math.sin(startMs / 7_919_000) * 5 + Math.sin(startMs / 104_729) * 5;
  return Math.round(300 + 200 * Math.sin(phase) + noise);
}

function history(bins: number, endMs = origin) {
  return Array.from({ length: bins }, (_, index) => {
    const startMs = endMs - (bins - index) * binMs;
    return bin('orders', startMs, demandAt(startMs));
  });
}

function stage(bins: number, service: Record<string, number> = {}, boots: NodeBoot[] = []) {
  const demand = memoryDemand(history(bins));
  const models = memoryModels();
  const decisions = memoryDecisions();
  let nowMs = origin;
  const lenders: CategorySettings[] = [];
  const categories = {
    put: async () => undefined,
    stopped: async () => undefined,
    learn: async () => undefined,
    get: async () => null,
    list: async () =>
      lenders.map((of) => ({ settings: of, status: 'running' as const, learnedRequestsPerNodeSecond: null })),
  };
  const accuracy = memoryAccuracy(service);
  const leads = memoryLeads();
  const holds = memoryHolds();
  const nodes = memoryBoots(boots);
  const deps = {
    demand,
    events: noEvents,
    models,
    decisions,
    categories,
    accuracy,
    leads,
    holds,
    nodes,
    now: () => nowMs,
  };
  return {
    demand,
    models,
    decisions,
    lenders,
    leads,
    holds,
    deps,
    tick: (run: ReturnType<typeof predict>, originMs = origin, of = settings) => {
      nowMs = originMs + 1_000;
      return run({ forecastId: `${of.name}@${originMs}`, settings: of, originMs: nowMs });
    },
  };
}

async function trained(on: ReturnType<typeof stage>, family = 'boosted'): Promise<void> {
  const clock = { binMs, dayMs: settings.dayMs };
  const span = await on.demand.span('orders');
  const fromMs = span?.firstMs ?? 0;
  const series = await on.demand.series('orders', clock, fromMs, origin);
  const model = await familyNamed(family).fit(
    series,
    { events: [] },
    { leadBins: 5, horizonBins: [5, 15], seed: 1 },
  );
  await on.models.save({
    id: 'orders-boosted-1',
    category: 'orders',
    family,
    parameters: { leadBins: 5 },
    trainedFromMs: fromMs,
    trainedToMs: origin,
    figures: null,
    state: model.serialize(),
  });
  await on.models.promote('orders', 'orders-boosted-1', 'test');
}

test('without history there is a default, and no training', async () => {
  const on = stage(0);
  expect(await on.tick(predict(on.deps))).toMatchObject({
    family: 'default',
    peakDemand: null,
    lastDemand: null,
    trainingDue: null,
  });
});

test('after some bins the last value predicts; with enough of them a training is due', async () => {
  const little = stage(60);
  const anchored = await little.tick(predict(little.deps));
  expect(anchored.family).toBe('last-value');
  expect(anchored.peakDemand).toBeGreaterThanOrEqual(anchored.lastDemand ?? Number.NaN);
  expect(anchored.trainingDue).toBeNull();
  expect(little.decisions.forecasts.get(anchored.forecastId)?.forecast.peak.length).toBeGreaterThan(3);

  const more = stage(600);
  expect((await more.tick(predict(more.deps))).trainingDue).toMatch(/no model yet and 600 bins/);
});

test('a missing last bin is missing, not zero', async () => {
  const on = stage(60);
  on.demand.rows.pop();
  on.demand.rows.pop();
  const made = await on.tick(predict(on.deps));
  expect(made.lastDemand).toBeNull();
  expect(made.peakDemand).toBeGreaterThan(50);
});

test('the incumbent predicts, and is due again when it has not seen the last day', async () => {
  const on = stage(4 * 1_440);
  await trained(on);
  const run = predict(on.deps);
  const now = await on.tick(run);
  expect(now).toMatchObject({ family: 'boosted', modelId: 'orders-boosted-1', trainingDue: null });
  expect(now.horizons.map(({ aheadMs }) => aheadMs)).toEqual([300_000, 900_000]);
  for (const { p50, upper } of now.horizons) expect(upper).toBeGreaterThanOrEqual(p50);
  // New nodes are ordered at twice the accepted risk of 1 %.
  const ordered = now.peakQuantiles.find(({ probability }) => Math.abs(probability - 0.98) < 1e-9)?.count;
  expect(now.orderDemand).toBe(ordered);
  expect(now.orderDemand).toBeLessThan(now.peakDemand ?? 0);

  const dayLater = origin + settings.dayMs;
  on.demand.rows.push(...history(1_440, dayLater));
  expect((await on.tick(run, dayLater)).trainingDue).toMatch(/more than a day/);
}, 60_000);

test('an incumbent that fails in service is due for a training at once', async () => {
  const on = stage(4 * 1_440, { 'orders-boosted-1': 1.4 });
  await trained(on, 'last-value');
  const run = predict(on.deps);
  const { trainingDue, trainingUrgent } = await on.tick(run);
  expect(trainingDue).toMatch(/fails in service: over 1000 decisions in service its loss was 1\.40/);
  expect(trainingUrgent).toBe(true);
  // Reviewed now and then, not at every bin.
  on.demand.rows.push(...history(1, origin + binMs));
  expect((await on.tick(run, origin + binMs)).trainingDue).toBeNull();
});

test('a worker that is new predicts as the one that was there all the time', async () => {
  const on = stage(4 * 1_440);
  await trained(on);
  const old = predict(on.deps);
  let last = await on.tick(old);
  for (let bins = 1; bins <= 120; bins++) {
    const at = origin + bins * binMs;
    on.demand.rows.push(bin('orders', at - binMs, demandAt(at - binMs) * (bins > 60 ? 1.3 : 1)));
    last = await on.tick(old, at);
  }
  const fresh = await on.tick(predict(on.deps), origin + 120 * binMs);
  expect(fresh.peakDemand).toBeCloseTo(last.peakDemand as number, 6);
  expect(fresh.horizons).toEqual(last.horizons);
}, 60_000);

test('a new category borrows the model of one that moves as it does, until it has its own', async () => {
  const on = stage(4 * 1_440);
  await trained(on);
  const young = categoryInput.parse({ name: 'returns', match: { pathPrefix: '/returns' } });
  const run = predict(on.deps);
  const later = origin + 360 * binMs;
  on.demand.rows.push(...history(360, later));
  // The same day at three times the size, seen for an hour and a half of its steep part.
  for (const row of on.demand.rows.filter(({ startMs }) => startMs >= later - 90 * binMs))
    on.demand.rows.push({ ...row, category: 'returns', requests: row.requests * 3 });

  expect((await on.tick(run, later, young)).stage).toBe('last-value');
  on.lenders.push(settings, young);
  // What was judged holds for a while; a worker that is new judges anew.
  const borrowed = await on.tick(predict(on.deps), later, young);
  expect(borrowed).toMatchObject({
    stage: 'borrowed-model',
    family: 'boosted',
    modelId: 'orders-boosted-1',
  });
  expect(borrowed.basis).toMatch(
    /boosted of "orders" \(no model of its own yet; over 82 decisions .* 0\.\d\d times/,
  );

  const other = categoryInput.parse({ ...{ name: 'returns', match: { pathPrefix: '/r' } }, lead: '10m' });
  expect((await on.tick(predict(on.deps), later, other)).stage).toBe('last-value');
}, 60_000);

/** Orders every half hour before `endMs`, whose only node took `minutes`. */
function bootsOf(minutes: number, count: number, endMs = origin): NodeBoot[] {
  return Array.from({ length: count }, (_, index) => {
    const orderedMs = endMs - (count - index) * 30 * binMs + 1_000;
    const seenMs = orderedMs + minutes * 60_000;
    return { orderedMs, createdMs: orderedMs + 500, waitingMs: seenMs - 20_000, routableMs: seenMs };
  });
}

test('nodes that take longer than the lead raise it at once, the model is helped out until it is fitted for it', async () => {
  const on = stage(4 * 1_440, {}, bootsOf(8.5, 4));
  await trained(on);
  const run = predict(on.deps);
  const now = await on.tick(run);
  expect(now.lead).toMatchObject({ bins: 9, ms: 540_000, configuredMs: 300_000, orders: 4, nodes: 4 });
  expect(now.lead?.p95Ms).toBe(500_000);
  expect(now.lead?.reason).toMatch(/^raised from 5 bins, by when of the latest 4 orders 4 were not routable/);
  expect(now.trainingDue).toBe('the lead in use is 9 bins, the model was fitted for 5');
  expect(now.trainingUrgent).toBe(true);

  // The higher of the model's peak and the last value's is planned with; the model is judged by what it said itself.
  const used = on.decisions.forecasts.get(now.forecastId);
  const own = on.decisions.forecasts.get(`${now.forecastId}/not-used`);
  expect(used).toMatchObject({ leadBins: 9, family: 'boosted+last-value', modelId: null });
  expect(own).toMatchObject({ leadBins: 9, family: 'boosted', modelId: 'orders-boosted-1' });
  used?.forecast.peak.forEach((count, index) => {
    expect(count).toBeGreaterThanOrEqual(own?.forecast.peak[index] ?? Number.POSITIVE_INFINITY);
  });
  expect(now.basis).toContain('fitted for a lead of 5 bins while 9 are planned with');

  // Neither a retry nor the next tick is another change.
  await on.tick(run);
  on.demand.rows.push(...history(1, origin + binMs));
  expect((await on.tick(run, origin + binMs)).lead).toMatchObject({ bins: 9, sinceMs: origin + 1_000 });
  expect(on.leads.changes).toHaveLength(1);
}, 60_000);

test('quick nodes lower the lead; the model for the longer one serves on, with a training due in its own time', async () => {
  const on = stage(4 * 1_440, {}, bootsOf(0.5, 60));
  await trained(on);
  const now = await on.tick(predict(on.deps));
  expect(now.lead).toMatchObject({ bins: 1, configuredMs: 300_000 });
  expect(now.lead?.warning).toContain('measured far from the configured lead of 5 min');
  expect(now).toMatchObject({ family: 'boosted', modelId: 'orders-boosted-1', trainingUrgent: false });
  expect(now.trainingDue).toBe('the lead in use is 1 bin, the model was fitted for 5');
}, 60_000);

test('a fixed lead stays whatever is measured, and another configured one starts anew', async () => {
  const slow = bootsOf(8.5, 4);
  const on = stage(60, {}, slow);
  const of = (change: object) => ({ ...settings, ...change });
  expect((await on.tick(predict(on.deps), origin, of({ leadMode: 'fixed' }))).lead).toMatchObject({
    bins: 5,
    reason: 'fixed by its settings',
  });
  expect((await on.tick(predict(on.deps), origin, of({}))).lead?.bins).toBe(9);
  expect((await on.tick(predict(on.deps), origin, of({ leadMs: 12 * binMs }))).lead).toMatchObject({
    bins: 12,
    sinceMs: null,
  });
});

test('an order that the pool does not even begin counts as waiting', async () => {
  const on = stage(60, {}, []);
  const run = predict(on.deps);
  const made = await run({
    forecastId: 'f',
    settings,
    originMs: origin + 1_000,
    unmetSinceMs: origin - 20 * binMs,
  });
  expect(made.lead).toMatchObject({ bins: 5, orders: 1, failed: 1 });
  expect(made.lead?.warning).toContain('1 of the latest 1 orders brought no routable node');
});

test('the hold in use is told with its reason: pinned, by default, or as the latest review chose it', async () => {
  const on = stage(60);
  const run = predict(on.deps);
  expect((await on.tick(run)).hold).toMatchObject({ ms: 120_000, by: 'default', reviewedMs: null });
  const review = { category: 'orders', binMs, decisions: 5_000, reason: 'none is best here' };
  await on.holds.put({ ...review, reviewedMs: origin - 3_600_000, holdMs: 0 });
  await on.holds.put({ ...review, reviewedMs: origin + 3_600_000, holdMs: 300_000 });
  expect((await on.tick(run)).hold).toEqual({
    ms: 0,
    by: 'review',
    reviewedMs: origin - 3_600_000,
    reason: 'none is best here',
  });
  const pinned = categoryInput.parse({ name: 'orders', match: { pathPrefix: '/' }, scaleDownHold: '90s' });
  expect((await on.tick(run, origin, pinned)).hold).toMatchObject({ ms: 90_000, by: 'settings' });
  // Under other bins the review is void, and bins as long as any hold leave nothing to choose.
  const longBins = categoryInput.parse({
    name: 'orders',
    match: { pathPrefix: '/' },
    bin: '10m',
    lead: '10m',
  });
  const long = (await on.tick(run, origin, longBins)).hold;
  expect(long).toMatchObject({ ms: 120_000, by: 'default' });
  expect(long?.reason).toContain('a bin of 10 min is as long as every hold');
});
