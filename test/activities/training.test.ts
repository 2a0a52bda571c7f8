/** The training activities over stores in memory, from a plan to a model in use, with fits in this process. */
import { MockActivityEnvironment } from '@temporalio/testing';
import { createTrainingActivities } from '../../activities/createActivities';
import { fitCandidateInput } from '../../activities/inputs/training';
import { chooseModel } from '../../activities/training/chooseModel';
import { fitCandidate } from '../../activities/training/fitCandidate';
import { judgeIncumbent } from '../../activities/training/judgeIncumbent';
import { planTraining } from '../../activities/training/planTraining';
import { promoteModel } from '../../activities/training/promoteModel';
import { categoryInput } from '../../core/category/settings';
import { seriesEndMs } from '../../core/demand/series';
import { judgeConfiguration, optionsOf, trainingPart } from '../../core/evaluation/selection/judge';
import { familyNamed } from '../../core/forecasting/families/families';
import type { Trainer } from '../../ports/trainer';
import { type CandidateSummary, lostCandidate } from '../../workflows/contracts';
import { simulate } from '../core/forecasting/simulated';
import {
  bin,
  memoryAccuracy,
  memoryDecisions,
  memoryDemand,
  memoryHolds,
  memoryLeadTimes,
  memoryModels,
  noEvents,
} from './memoryStores';

jest.setTimeout(60_000);

const binMs = 600_000;
const series = simulate({ days: 5, binMs });
const settings = categoryInput.parse({
  name: 'orders',
  match: { pathPrefix: '/' },
  bin: '10m',
  lead: '10m',
  horizons: ['10m'],
  risk: 0.05,
});
const endMs = seriesEndMs(series);

const here: Trainer = {
  async fit({ configuration, history, events, options, judging }) {
    const family = familyNamed(configuration.family);
    const context = { events };
    const part = trainingPart(history, configuration, seriesEndMs(history));
    const model = await family.fit(part, context, optionsOf(options, configuration));
    const blocks =
      judging && (await judgeConfiguration({ family, configuration, history, context, options, judging }));
    return { state: model.serialize(), blocks, fitMs: 1 };
  },
  async judge({ configuration, history, events, options, judging, serving: { state, trainedToMs } }) {
    const family = familyNamed(configuration.family);
    const serving = { model: family.load(state), trainedToMs };
    return judgeConfiguration({
      family,
      configuration,
      history,
      context: { events },
      options,
      judging,
      serving,
    });
  },
  close: async () => undefined,
};

function stage(service: Record<string, number> = {}, trainer: Trainer = here) {
  const counts = [...series.counts];
  const models = memoryModels();
  const deps = {
    demand: memoryDemand(counts.map((count, index) => bin('orders', series.startMs + index * binMs, count))),
    events: noEvents,
    models,
    accuracy: memoryAccuracy(service),
    leadTimes: memoryLeadTimes(),
    holds: memoryHolds(),
    decisions: memoryDecisions(),
    categories: {
      put: async () => undefined,
      stopped: async () => undefined,
      learn: async () => undefined,
      get: async (name: string) =>
        name === 'orders'
          ? { settings, status: 'running' as const, learnedRequestsPerNodeSecond: null }
          : null,
      list: async () => [],
    },
    trainer,
    now: () => endMs + 10_000,
  };
  const env = new MockActivityEnvironment();
  const candidate = (family: string, modelId = `${family}-1`, toMs = endMs): Promise<CandidateSummary> =>
    env.run(fitCandidate(deps), {
      category: 'orders',
      configuration: { family, days: 28, parameters: {} },
      modelId,
      toMs,
    });
  return { deps, models, env, candidate };
}

test('the families are judged alike, the best takes over and its figures and reason are kept', async () => {
  const { deps, models, candidate } = stage();
  const plan = await planTraining(deps)({
    category: 'orders',
    families: ['last-value', 'online-linear', 'prophet'],
  });
  expect(plan).toMatchObject({ toMs: endMs, incumbent: null, rolledBack: null });
  expect(plan.configurations.map(({ family }) => family)).toEqual(['last-value', 'online-linear', 'prophet']);
  const candidates = [await candidate('last-value'), await candidate('online-linear')];
  const choice = await chooseModel(deps)({ category: 'orders', toMs: endMs, incumbent: null, candidates });
  expect(choice).toMatchObject({ promoted: 'online-linear-1', outcome: 'first' });
  await promoteModel(deps)({
    category: 'orders',
    modelId: choice.promoted,
    reason: choice.reason,
    rejected: ['last-value-1'],
  });
  const kept = await models.incumbent('orders');
  expect(kept).toMatchObject({
    reason: choice.reason,
    parameters: { days: 28, parameters: {}, leadBins: 1 },
  });
  expect(kept?.figures).toMatchObject({
    waste: candidates[1]?.waste,
    realizedRisk: candidates[1]?.realizedRisk,
  });
  expect(candidates[1]?.realizedRisk).toBeGreaterThan(0.01);
  expect(candidates[1]?.realizedRisk).toBeLessThan(0.12);
  expect((await models.load('last-value-1'))?.status).toBe('rejected');
});

test('costly families are left to a wide search, those on request to whoever names them or is served by them', async () => {
  const { deps, candidate } = stage();
  const named = async (families?: string[]) =>
    (await planTraining(deps)({ category: 'orders', ...(families && { families }) })).configurations.map(
      ({ family }) => family,
    );
  const cheap = await named();
  expect(cheap).toEqual(['last-value', 'seasonal-naive', 'online-linear', 'boosted']);
  expect(await named(['lstm'])).toEqual(['lstm']);
  const served = await candidate('last-value', 'served');
  await promoteModel(deps)({ category: 'orders', modelId: 'served', reason: 'first', rejected: [] });
  const of = (family: string, modelId: string) => ({
    ...served,
    ...{ family, modelId, configuration: { family, days: 28, parameters: {} } },
  });
  const tries = async (candidates: readonly string[], serving: string) => {
    const { wider } = await chooseModel(deps)({
      category: 'orders',
      toMs: endMs,
      incumbent: of(serving, 'served'),
      candidates: candidates.map((family) => of(family, family)),
    });
    return wider.map(({ family }) => family).filter((family) => !candidates.includes(family));
  };
  const costly = ['day-ahead', 'ets', 'mstl', 'prophet'];
  expect(await tries(cheap, 'boosted')).toEqual(costly);
  expect(await tries(cheap, 'lstm')).toEqual([...costly, 'lstm']);
  expect(await tries(['boosted'], 'boosted')).toEqual([]);
  expect(await tries(['lstm'], 'boosted')).toEqual([]);
});

test('a candidate of the configuration in use is told of the model that it may follow, another is not', async () => {
  const followed: unknown[] = [];
  const spying: Trainer = {
    ...here,
    fit: (job, signal) => {
      followed.push(job.previous?.trainedToMs ?? null);
      return here.fit(job, signal);
    },
  };
  const { deps, candidate } = stage({}, spying);
  await candidate('last-value', 'served', endMs - settings.dayMs);
  await promoteModel(deps)({ category: 'orders', modelId: 'served', reason: 'first', rejected: [] });
  await candidate('last-value');
  await candidate('online-linear');
  expect(followed).toEqual([null, endMs - settings.dayMs, null]);
});

test('trained again at once, the model stays; a day later it is fitted anew', async () => {
  const { deps, candidate, env } = stage();
  const before = endMs - settings.dayMs;
  const first = await candidate('last-value', 'served', before);
  await promoteModel(deps)({ category: 'orders', modelId: 'served', reason: 'first', rejected: [] });
  const choose = async (toMs: number, latest: CandidateSummary) => {
    const incumbent = await env.run(judgeIncumbent(deps), { category: 'orders', modelId: 'served', toMs });
    return chooseModel(deps)({
      category: 'orders',
      toMs,
      incumbent: incumbent as CandidateSummary,
      candidates: [latest],
    });
  };
  expect(await choose(before, { ...first, modelId: 'again' })).toMatchObject({
    outcome: 'kept',
    promoted: null,
  });
  expect(await choose(endMs, await candidate('last-value', 'anew'))).toMatchObject({
    outcome: 'refreshed',
    promoted: 'anew',
  });
});

test('once the measured lead is another one, candidates are fitted for it and the model in use is fitted anew', async () => {
  const { deps, models, candidate, env } = stage();
  const first = await candidate('last-value', 'served');
  await promoteModel(deps)({ category: 'orders', modelId: 'served', reason: 'first', rejected: [] });
  expect((await models.load('served'))?.parameters).toMatchObject({ leadBins: 1 });
  await deps.leadTimes.put({
    category: 'orders',
    // The tick that found it comes a moment after the bin that the training begins in.
    sinceMs: endMs + 2_000,
    bins: 3,
    binMs,
    configuredMs: settings.leadMs,
    raisedMs: endMs + 2_000,
    loweredMs: null,
    orders: 5,
    p50Ms: null,
    p95Ms: null,
    reason: 'raised',
  });
  const anew = await candidate('last-value', 'anew');
  expect((await models.load('anew'))?.parameters).toMatchObject({ leadBins: 3 });
  const input = { category: 'orders', modelId: 'served', toMs: endMs };
  const incumbent = (await env.run(judgeIncumbent(deps), input)) as CandidateSummary;
  // Judged over the longer lead, too: it pays for more.
  expect(incumbent.blocks?.[0]?.foresight).toBe(anew.blocks?.[0]?.foresight);
  expect(anew.blocks?.[0]?.foresight).not.toBe(first.blocks?.[0]?.foresight);
  const choice = await chooseModel(deps)({
    category: 'orders',
    toMs: endMs,
    incumbent,
    candidates: [anew],
  });
  expect(choice).toMatchObject({ outcome: 'refreshed', promoted: 'anew' });
  expect(choice.reason).toContain('the lead is 3 bins, the model in use was fitted for 1');
});

test('a model that fails in service is replaced by the one before it, whose refit it then is that is judged', async () => {
  const { deps, models, candidate } = stage({ good: 0.6, bad: 0.9 });
  for (const id of ['good', 'bad']) {
    await candidate('last-value', id);
    await models.promote('orders', id, `for ${id}`);
  }
  const plan = await planTraining(deps)({ category: 'orders' });
  expect(plan.incumbent).toEqual({ modelId: 'good', family: 'last-value' });
  expect(plan.rolledBack).toMatch(
    /^bad was taken out of use for good: .* 0\.90 .*; the model before it had 0\.60$/,
  );
  expect((await models.load('bad'))?.status).toBe('rejected');
  expect((await planTraining(deps)({ category: 'orders' })).rolledBack).toBeNull();
});

test('one that is worse than the last value and has none before it leaves the category without a model', async () => {
  const { deps, models, candidate } = stage({ bad: 1.4 });
  await candidate('last-value', 'bad');
  await models.promote('orders', 'bad', 'first');
  expect(await planTraining(deps)({ category: 'orders' })).toMatchObject({ incumbent: null });
});

test('a candidate beyond its budget is given up with the reason, one that is called off is not', async () => {
  const endless: Trainer = {
    ...here,
    fit: (_job, signal) =>
      new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason))),
  };
  const { deps, env } = stage({}, endless);
  const input = {
    category: 'orders',
    configuration: { family: 'boosted', days: 28, parameters: {} },
    modelId: 'b',
    toMs: endMs,
  };
  const given = (await env.run(fitCandidate(deps, 50), input)) as CandidateSummary;
  expect(given).toMatchObject({ modelId: null, failure: 'took longer than its budget of 0.05 s' });
  const fit = env.run(fitCandidate(deps, 60_000), input);
  setTimeout(() => env.cancel(), 50);
  await expect(fit).rejects.toThrow(/CANCELLED|cancel/i);
});

test('a history that is too short for a family is a result, an unknown family an error', async () => {
  const { deps, env } = stage();
  const summary = await env.run(fitCandidate(deps), {
    category: 'orders',
    configuration: { family: 'seasonal-naive', days: 1, parameters: {} },
    modelId: 's',
    toMs: endMs,
  });
  expect(summary).toMatchObject({ modelId: null, failure: expect.stringContaining('needs at least') });
  await expect(planTraining(deps)({ category: 'orders', families: ['oracle'] })).rejects.toMatchObject({
    code: 'INVALID_INPUT',
  });
});

test('imported history of years ago is trained on until the latest weeks hold enough', async () => {
  const { deps } = stage();
  const years = 3 * 365 * 86_400_000;
  const now = () => endMs + years;
  const later = { ...deps, now };
  const plan = () => planTraining(later)({ category: 'orders', families: ['online-linear'] });
  expect(await plan()).toMatchObject({ toMs: endMs, measuredBins: series.counts.length });
  expect((await plan()).configurations).toHaveLength(1);
  const measure = (from: number, to: number) => {
    for (let index = from; index < to; index++)
      deps.demand.rows.push(bin('orders', now() - (index + 1) * binMs, 100));
  };
  measure(0, 100);
  expect((await plan()).toMs).toBe(endMs);
  measure(100, 300);
  expect(await plan()).toMatchObject({ toMs: now(), measuredBins: 300 });
});

test('what these activities hand to each other through Temporal is what they accept', async () => {
  const { deps, models, env } = stage();
  const activities = createTrainingActivities(deps);
  const through = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
  const plan = through(
    await activities.planTraining({ category: 'orders', families: ['last-value', 'online-linear'] }),
  );
  const fitted: CandidateSummary[] = [];
  for (const configuration of plan.configurations) {
    const input = {
      category: 'orders',
      configuration,
      modelId: `${configuration.family}-1`,
      toMs: plan.toMs,
    };
    fitted.push(through(await env.run(activities.fitCandidate, through(input))));
  }
  expect(fitted.map(({ failure }) => failure)).toEqual([null, null]);
  const failed = lostCandidate({ family: 'lstm', days: 0, parameters: {} }, 'too little history');
  const choice = through(
    await activities.chooseModel(
      through({ category: 'orders', toMs: plan.toMs, incumbent: null, candidates: [...fitted, failed] }),
    ),
  );
  for (const configuration of choice.wider) {
    const input = { category: 'orders', configuration, modelId: 'wider', toMs: plan.toMs };
    expect(fitCandidateInput.safeParse(through(input)).success).toBe(true);
  }
  await activities.promoteModel(
    through({ category: 'orders', modelId: choice.promoted, reason: choice.reason, rejected: [] }),
  );
  const modelId = (await models.incumbent('orders'))?.id ?? '';
  const judged: CandidateSummary = through(
    await env.run(activities.judgeIncumbent, { category: 'orders', modelId, toMs: plan.toMs }),
  );
  await activities.chooseModel(
    through({ category: 'orders', toMs: plan.toMs, incumbent: judged, candidates: fitted }),
  );
});
