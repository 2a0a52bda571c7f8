/** Days of stored decisions → a training reviews the scale-down hold → `calculate` goes by it, over PostgreSQL. */
import { calculate } from '../../../activities/allocation/calculate';
import { predict } from '../../../activities/allocation/predict';
import { planTraining } from '../../../activities/training/planTraining';
import { trainingHistory } from '../../../activities/training/trainingHistory';
import type { Database } from '../../../adapters/postgres';
import { gatherWalk } from '../../../cli/explain/gatherWalk';
import { walkText } from '../../../cli/explain/walkText';
import { type CategorySettings, categoryInput } from '../../../core/category/settings';
import { bin } from '../../activities/memoryStores';
import { testPolicy } from '../../support/policy';
import { suiteDatabase } from '../../support/suiteDatabase';

const binMs = 60_000;
/** Days of four hours; three of them are enough to choose from. */
const dayBins = 240;
const start = Date.UTC(2026, 4, 4);
const end = start + 3 * dayBins * binMs;
let database: Database;
suiteDatabase((ready) => {
  database = ready;
});

/** Levels of half an hour, known ahead: whatever is held when they fall is waste. */
const level = (index: number) => (Math.floor(index / 30) % 2 === 0 ? 4_000 : 1_000);
const peak = (index: number) => Math.max(...[0, 1, 2, 3, 4, 5].map((ahead) => level(index + ahead)));
const probabilities = [0.5, 0.9, 0.95, 0.98, 0.99];

async function stored(name: string, more: object = {}, leadBins = 5): Promise<CategorySettings> {
  const settings = categoryInput.parse({ name, match: { pathPrefix: '/' }, day: '4h', ...more });
  await database.categories.put(settings);
  const bins = Array.from({ length: 3 * dayBins }, (_, index) => index);
  await database.demand.append(bins.map((index) => bin(name, start + index * binMs, level(index))));
  for (const index of bins) {
    const originMs = start + index * binMs;
    const forecast = (id: string, factor: number, madeMs: number) =>
      database.decisions.putForecast({
        id: `${name}@${index}${id}`,
        category: name,
        madeMs,
        modelId: null,
        family: 'last-value',
        horizonBins: [],
        leadBins,
        probabilities,
        forecast: {
          originMs,
          horizons: [],
          peak: probabilities.map((p) => factor * peak(index) * (1 + p / 50)),
        },
      });
    await forecast('', 1, originMs + 1_000);
    // Neither what was only scored nor a second look in the same bin is what the plan of a bin rested on.
    if (index % 90 === 0) {
      await forecast('/not-used', 9, originMs + 500);
      await forecast('+event', 9, originMs + 30_000);
    }
  }
  return settings;
}

const depsAt = (nowMs: number) =>
  ({ ...database, policy: testPolicy(), now: () => nowMs }) as unknown as Parameters<typeof planTraining>[0] &
    Parameters<typeof predict>[0] &
    Parameters<typeof calculate>[0];

test('a training reviews the hold by what its decisions would have cost; the next tick goes by it and says why', async () => {
  const settings = await stored('stepped');
  const nowMs = end + 2_000;
  const deps = depsAt(nowMs);
  const predicted = await predict(deps)({
    ...{ forecastId: 'stepped@now', settings, atMs: nowMs },
    distrust: null,
  });
  const decide = (of = settings) =>
    calculate(deps)({
      decisionId: 'stepped@now',
      settings: of,
      trigger: 'bin',
      atMs: nowMs,
      predicted: { ...predicted, peakDemand: 4_800, orderDemand: 4_800 },
      provisioned: 15,
      routable: 15,
      previousPlanned: 15,
      required: [{ atMs: nowMs - binMs, required: 15 }],
      override: null,
      coming: [],
      paused: false,
      health: null,
      atLeast: null,
    });
  expect((await decide()).hold).toMatchObject({ ms: 120_000, by: 'default' });

  await planTraining(deps)({ category: 'stepped', families: ['last-value'] });
  expect(await database.holds.at('stepped', nowMs)).toMatchObject({ holdMs: 0, binMs, decisions: 720 });
  expect((await trainingHistory(deps, 'stepped', end)).holdMs).toBe(0);
  const decision = await decide();
  expect(decision).toMatchObject({ planned: 3, rule: 'forecast' });
  expect(decision.hold).toMatchObject({ ms: 0, by: 'review', reviewedMs: nowMs });
  expect(decision.hold.reason).toMatch(/^over the latest 720 decisions .*no hold .*, 10 min /);
  const held = await decide({ ...settings, scaleDownHoldMs: 300_000 });
  expect(held).toMatchObject({ planned: 15, rule: 'scale-down-hold' });
  expect(held.reason).toContain('within the scale-down hold of 5 min');

  const text = walkText(await gatherWalk(database, 'stepped', nowMs, nowMs + 7_200_000)).join('\n');
  expect(text).toMatch(/hold {6}none, chosen 2 h ago: over the latest 720 decisions/);
}, 60_000);

test('a pinned hold is not reviewed, and forecasts for another lead are no evidence', async () => {
  const deps = depsAt(end + 2_000);
  await stored('pinned', { scaleDownHold: '5m' });
  await planTraining(deps)({ category: 'pinned', families: ['last-value'] });
  expect(await database.holds.at('pinned', end + binMs)).toBeNull();
  expect((await trainingHistory(deps, 'pinned', end)).holdMs).toBe(300_000);
  await stored('other-lead', {}, 9);
  await planTraining(deps)({ category: 'other-lead', families: ['last-value'] });
  expect(await database.holds.at('other-lead', end + binMs)).toBeNull();
}, 60_000);

test('reviews are kept as long as decisions, the latest one always', async () => {
  const { holds } = database;
  const review = { category: 'reviewed', holdMs: 0, binMs, decisions: 5_000, reason: 'first' };
  const day = 86_400_000;
  await holds.put({ ...review, reviewedMs: start });
  await holds.put({ ...review, reviewedMs: start + day, holdMs: 300_000, reason: 'second' });
  await holds.put({ ...review, reviewedMs: start + day, holdMs: 600_000, reason: 'again' });
  expect(await holds.at('reviewed', start - 1)).toBeNull();
  expect(await holds.at('reviewed', start + day - 1)).toEqual({ ...review, reviewedMs: start });
  const retention = { bins: 99 * day, forecasts: 99 * day, decisions: day };
  expect((await database.prune(retention, start + 9 * day)).holds).toBe(1);
  expect(await holds.at('reviewed', start + day - 1)).toBeNull();
  expect(await holds.at('reviewed', start + 9 * day)).toMatchObject({ holdMs: 600_000, reason: 'again' });
}, 30_000);
