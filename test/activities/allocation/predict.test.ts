/** `predict` over stores in memory, with the look that follows: from no history to a model, and a worker that is new. */
import { predict } from '../../../activities/allocation/predict';
import { verify } from '../../../activities/allocation/verify';
import type { NodeBoot } from '../../../core/capacity/boots';
import { type CategorySettings, categoryInput } from '../../../core/category/settings';
import { familyNamed } from '../../../core/forecasting/families/families';
import { silentSources } from '../../support/silentSources';
import {
  bin,
  memoryAccuracy,
  memoryBoots,
  memoryDecisions,
  memoryDemand,
  memoryLeadTimes,
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
  const leadTimes = memoryLeadTimes();
  const nothing = async () => ({ created: [], removed: [], provisioned: 0 });
  const deps = {
    ...{ demand, models, decisions, categories, leadTimes },
    events: noEvents,
    accuracy: memoryAccuracy(service),
    nodes: memoryBoots(boots),
    pool: {
      observe: async () => ({ nodes: [], provisioned: 0, routable: 0 }),
      reconcile: nothing,
      remove: nothing,
    },
    demandSources: silentSources,
    now: () => nowMs,
  };
  const tick = (run: ReturnType<typeof predict>, originMs = origin, of = settings) => {
    nowMs = originMs + 1_000;
    return run({ forecastId: `${of.name}@${originMs}`, settings: of, atMs: nowMs, distrust: null });
  };
  return {
    ...{ demand, models, decisions, lenders, leadTimes, deps, tick },
    /** Predicts, and looks at what comes of it. */
    async whole(run: ReturnType<typeof predict>, originMs = origin, of = settings, more: object = {}) {
      const predicted = await tick(run, originMs, of);
      const verified = await verify(deps)({
        settings: of,
        decisionId: 'd',
        planned: 0,
        requestsPerNodeBin: null,
        predicted,
        trainedMs: null,
        orderedMs: null,
        unmetSinceMs: null,
        health: null,
        paused: false,
        ...more,
      });
      return { predicted, lead: verified.lead!, due: verified.trainingDue };
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
  const { predicted, due } = await on.whole(predict(on.deps));
  expect(predicted).toMatchObject({ family: 'default', peakDemand: null, lastDemand: null });
  expect(due).toBeNull();
});

test('after some bins the last value predicts; with enough of them a training is due', async () => {
  const little = stage(60);
  const { predicted, due } = await little.whole(predict(little.deps));
  expect(predicted.family).toBe('last-value');
  expect(predicted.peakDemand).toBeGreaterThanOrEqual(predicted.lastDemand ?? Number.NaN);
  expect(due).toBeNull();
  expect(little.decisions.forecasts.get(predicted.forecastId)?.forecast.peak.length).toBeGreaterThan(3);

  const more = stage(600);
  expect((await more.whole(predict(more.deps))).due?.reason).toMatch(/no model yet and 600 bins/);
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
  const { predicted: now, due } = await on.whole(run);
  expect(now).toMatchObject({ family: 'boosted', modelId: 'orders-boosted-1' });
  expect(due).toBeNull();
  expect(now.horizons.map(({ aheadMs }) => aheadMs)).toEqual([300_000, 900_000]);
  for (const { p50, upper } of now.horizons) expect(upper).toBeGreaterThanOrEqual(p50);
  // New nodes are ordered at twice the accepted risk of 1 %.
  const ordered = now.peak.peak[now.peak.probabilities.findIndex((p) => Math.abs(p - 0.98) < 1e-9)];
  expect(now.orderDemand).toBe(ordered);
  expect(now.orderDemand).toBeLessThan(now.peakDemand ?? 0);

  const dayLater = origin + settings.dayMs;
  on.demand.rows.push(...history(1_440, dayLater));
  expect((await on.whole(run, dayLater)).due?.reason).toMatch(/more than a day/);
}, 60_000);

test('an incumbent that fails in service is due for a training at once', async () => {
  const on = stage(4 * 1_440, { 'orders-boosted-1': 1.4 });
  await trained(on, 'last-value');
  const run = predict(on.deps);
  const { due } = await on.whole(run);
  expect(due?.reason).toMatch(/fails in service: over 1000 decisions in service its loss was 1\.40/);
  expect(due?.urgent).toBe(true);
  // It is looked at now and then, not at every tick.
  on.demand.rows.push(...history(1, origin + binMs));
  expect((await on.whole(run, origin + binMs)).due).toBeNull();
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
  const { lead, due } = await on.whole(run);
  expect(lead).toMatchObject({ bins: 9, ms: 540_000, configuredMs: 300_000, orders: 4, nodes: 4 });
  expect(lead.p95Ms).toBe(500_000);
  expect(lead.reason).toMatch(/^raised from 5 bins, by when of the latest 4 orders 4 were not routable/);
  expect(due).toEqual({ reason: 'the lead in use is 9 bins, the model was fitted for 5', urgent: true });

  // From the next prediction on the higher of the model's peak and the last value's is planned with; the model is scored
  // by what it said itself.
  on.demand.rows.push(...history(1, origin + binMs));
  const next = await on.whole(run, origin + binMs);
  const { predicted } = next;
  const used = on.decisions.forecasts.get(predicted.forecastId);
  const own = on.decisions.forecasts.get(`${predicted.forecastId}/not-used`);
  expect(used).toMatchObject({ leadBins: 9, family: 'boosted+last-value', modelId: null });
  expect(own).toMatchObject({ leadBins: 9, family: 'boosted', modelId: 'orders-boosted-1' });
  used?.forecast.peak.forEach((count, index) => {
    expect(count).toBeGreaterThanOrEqual(own?.forecast.peak[index] ?? Number.POSITIVE_INFINITY);
  });
  expect(predicted.basis).toContain('fitted for a lead of 5 bins while 9 are planned with');

  // Neither a retry nor the next tick is another change.
  expect(next.lead).toMatchObject({ bins: 9, sinceMs: origin + 1_000 });
  expect((await on.whole(run, origin + binMs)).lead).toMatchObject({ bins: 9, sinceMs: origin + 1_000 });
  expect(on.leadTimes.changes).toHaveLength(1);
}, 60_000);

test('quick nodes lower the lead; the model for the longer one serves on, with a training due in its own time', async () => {
  const on = stage(4 * 1_440, {}, bootsOf(0.5, 60));
  await trained(on);
  const run = predict(on.deps);
  const { lead, due } = await on.whole(run);
  expect(lead).toMatchObject({ bins: 1, configuredMs: 300_000 });
  expect(lead.warning).toContain('measured far from the configured lead of 5 min');
  expect(due).toEqual({ reason: 'the lead in use is 1 bin, the model was fitted for 5', urgent: false });
  on.demand.rows.push(...history(1, origin + binMs));
  const next = await on.tick(run, origin + binMs);
  expect(next).toMatchObject({ family: 'boosted', modelId: 'orders-boosted-1', leadBins: 1 });
}, 60_000);

test('a fixed lead stays whatever is measured, and another configured one starts anew', async () => {
  const slow = bootsOf(8.5, 4);
  const on = stage(60, {}, slow);
  const leadOf = async (change: object) =>
    (await on.whole(predict(on.deps), origin, { ...settings, ...change })).lead;
  expect(await leadOf({ leadMode: 'fixed' })).toMatchObject({ bins: 5, reason: 'fixed by its settings' });
  expect((await leadOf({})).bins).toBe(9);
  expect(await leadOf({ leadMs: 12 * binMs })).toMatchObject({ bins: 12, sinceMs: null });
});

test('an order that the pool does not even begin counts as waiting', async () => {
  const on = stage(60, {}, []);
  const { lead } = await on.whole(predict(on.deps), origin, settings, { unmetSinceMs: origin - 20 * binMs });
  expect(lead).toMatchObject({ bins: 5, orders: 1, failed: 1 });
  expect(lead.warning).toContain('1 of the latest 1 orders brought no routable node');
});

test('between two ticks neither the lead nor a training is looked at, and without a prediction no training is due', async () => {
  const on = stage(600, {}, bootsOf(8.5, 4));
  const look = (more: object) => on.whole(predict(on.deps), origin, settings, more);
  expect(await look({ decisionId: null })).toMatchObject({ lead: null, due: null });
  expect(await look({ predicted: null })).toMatchObject({ lead: { bins: 9 }, due: null });
});
