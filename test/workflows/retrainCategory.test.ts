/** The retraining workflow on a time-skipping server: who is kept, who takes over, and how attempts back off. */
import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import type { allocateCategory } from '../../workflows/allocation/allocateCategory';
import { type PromoteModelInput, queries, type RetrainResult, signals } from '../../workflows/contracts';
import type { retrainCategory } from '../../workflows/training/retrainCategory';
import { currentDetails, openStage, ScriptedWorld, type Stage, taskQueue, until } from './stage';

jest.setTimeout(60_000);

const dayMs = 86_400_000;
let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage?.close());

const boosted = { family: 'boosted', days: 28, parameters: {} };
const serving = (waste: number, unseenBins = 10) => ({
  modelId: 'checkout-boosted-0',
  configuration: boosted,
  waste,
  unseenBins,
});

function start(input: unknown): Promise<WorkflowHandle<typeof retrainCategory>> {
  return stage.client.workflow.start<(input: unknown) => Promise<RetrainResult>>('retrainCategory', {
    workflowId: 'retrain:checkout',
    taskQueue: `${taskQueue}-train`,
    args: [input],
  });
}

async function retrain(world: ScriptedWorld, more: object = {}): Promise<RetrainResult> {
  return stage.perform(world, async () => (await start({ category: 'checkout', ...more })).result());
}

const promotion = (world: ScriptedWorld) => world.inputsOf<PromoteModelInput>('promoteModel')[0]!;
const tried = (world: ScriptedWorld) => world.inputsOf('fitCandidate').length;

test('the first model is the best of the families, with the figures of all; no wider search is needed', async () => {
  const world = new ScriptedWorld();
  const result = await retrain(world);
  expect(result).toMatchObject({ outcome: 'first', family: 'boosted', incumbent: null });
  expect(result.promoted).toMatch(/^checkout-boosted-/);
  expect(result.candidates.map(({ family, waste }) => [family, waste])).toEqual([
    ['boosted', 0.3],
    ['prophet', 0.4],
  ]);
  expect(result.candidates[0]).not.toHaveProperty('blocks');
  expect(promotion(world)).toMatchObject({
    modelId: result.promoted,
    rejected: [expect.stringMatching('prophet')],
  });
  expect(tried(world)).toBe(2);
});

test('the UI tells what came of a training and why', async () => {
  const world = new ScriptedWorld();
  await stage.perform(world, async () => {
    await (await start({ category: 'checkout', reason: 'by hand' })).result();
    expect(await currentDetails(stage.client, 'retrain:checkout')).toMatch(
      /^Training of \*\*checkout\*\*: by hand\.\n\ncheckout-boosted-\w+ serves checkout: ./,
    );
  });
});

test('what serves is kept when nothing is clearly better, after a wider search, and all others are rejected', async () => {
  const world = new ScriptedWorld();
  world.training.incumbent = serving(0.31);
  const result = await retrain(world);
  expect(result).toMatchObject({ outcome: 'kept', promoted: null, family: null });
  expect(result.reason).toMatch(/none is clearly better than the model in use, boosted 31\.0 %/);
  expect(result.incumbent).toMatchObject({ modelId: 'checkout-boosted-0', waste: 0.31 });
  const configurations = world
    .inputsOf<{ configuration: object }>('fitCandidate')
    .map((input) => input.configuration);
  expect(configurations).toContainEqual({ family: 'boosted', days: 7, parameters: {} });
  expect(configurations).toContainEqual({ family: 'boosted', days: 28, parameters: { trees: 60, depth: 4 } });
  expect(promotion(world).modelId).toBeNull();
  expect(promotion(world).rejected).toHaveLength(configurations.length);
});

test('the wider search finds what the families did not, and can be left out', async () => {
  const world = new ScriptedWorld();
  world.training.incumbent = serving(0.31);
  world.training.waste['boosted on 3 days'] = 0.1;
  expect(await retrain(world, { search: 'families' })).toMatchObject({ outcome: 'kept', promoted: null });
  expect(tried(world)).toBe(2);
  const found = await retrain(world);
  expect(found).toMatchObject({ outcome: 'better', family: 'boosted' });
  expect(found.reason).toMatch(/boosted on 3 days wastes 68 % less than the model in use/);
});

test('a clearly better family takes over at once', async () => {
  const world = new ScriptedWorld();
  world.training.incumbent = serving(0.31);
  world.training.waste.prophet = 0.15;
  const result = await retrain(world);
  expect(result).toMatchObject({ outcome: 'better', family: 'prophet' });
  expect(tried(world)).toBe(2);
});

test('candidates that fail or take too long are told with the reason; the others go on', async () => {
  const world = new ScriptedWorld();
  world.training.families = ['boosted', 'prophet', 'lstm'];
  world.training.failing.boosted = Object.assign(new Error('out of memory'), { name: 'INVALID_DATA' });
  world.training.waste.lstm = Number.POSITIVE_INFINITY;
  const result = await retrain(world);
  expect(result).toMatchObject({ outcome: 'first', family: 'prophet' });
  expect(result.candidates.map(({ failure }) => failure)).toEqual([
    'out of memory',
    null,
    'took longer than its budget of 240 s',
  ]);
});

test('without any candidate that could be fitted the result says so', async () => {
  const world = new ScriptedWorld();
  world.training.families = [];
  expect(await retrain(world)).toMatchObject({ outcome: 'nothing-fitted', promoted: null });
});

test('what went back because it failed in service stands first in the result', async () => {
  const world = new ScriptedWorld();
  world.training.rolledBack = 'checkout-boosted-1 was taken out of use';
  const result = await retrain(world);
  expect(result.rolledBack).toBe('checkout-boosted-1 was taken out of use');
  expect(result.reason).toMatch(/^checkout-boosted-1 was taken out of use; asked for; /);
});

test('an unknown search is refused and named', async () => {
  const failure = await retrain(new ScriptedWorld(), { search: 'deep' }).catch((error: unknown) => error);
  expect((failure as WorkflowFailedError).cause?.message).toMatch(/search/);
});

test('attempts that keep the model get rarer and search wide; an urgent one does not wait', async () => {
  const world = new ScriptedWorld();
  world.training.incumbent = serving(0.31);
  const starts: number[] = [];
  const activities = world.activities();
  world.activities = () => ({
    ...activities,
    verify: async (input) => ({
      ...(await activities.verify(input)),
      trainingDue:
        input.decisionId === null ? null : { reason: 'the model has not seen the last 1440 bins', urgent },
    }),
    planTraining: async (input) => {
      starts.push(await stage.env.currentTimeMs());
      return activities.planTraining(input);
    },
  });
  let urgent = false;
  await stage.perform(world, async () => {
    const handle = await stage.client.workflow.start<typeof allocateCategory>('allocateCategory', {
      workflowId: 'category:checkout',
      taskQueue,
      args: [
        { name: 'checkout', match: { pathPrefix: '/checkout' }, bin: '30m', lead: '30m', horizons: ['30m'] },
      ],
    });
    const status = async () => (await handle.query(queries.status)).training;
    const keptTimes = (times: number) =>
      until(async () => (await status()).keptInARow === times, `${times} attempts that kept the model`);
    await until(() => world.names().includes('verify'), 'the first tick');
    await keptTimes(1);
    expect(tried(world)).toBe(2);
    for (const [times, days] of [
      [2, 0.5],
      [3, 1],
      [4, 2],
    ] as const) {
      await stage.env.sleep((days + 0.1) * dayMs);
      await keptTimes(times);
    }
    const waits = starts.slice(1).map((at, index) => (at - starts[index]!) / dayMs);
    for (const [index, days] of [0.5, 1, 2].entries()) {
      expect(waits[index]).toBeGreaterThan(days - 0.01);
      expect(waits[index]).toBeLessThan(days + 0.15);
    }
    // The second attempt and those after it look further than the families.
    expect(tried(world)).toBeGreaterThan(2 + 3 * 4);
    expect((await status()).nextAttemptMs - starts.at(-1)!).toBeGreaterThan(3.9 * dayMs);

    urgent = true;
    await stage.env.sleep('31m');
    await keptTimes(5);
    // The back-off would have been four days.
    expect(starts.at(-1)! - starts.at(-2)!).toBeLessThan(0.5 * dayMs);
    urgent = false;
    await handle.signal(signals.stop, { reason: 'end of the test' });
    await handle.result();
  });
});

// The last: the time-skipping server skips no more after a workflow that ended before its activity did.
test('cancelled in the middle of a fit it ends and promotes nothing', async () => {
  const world = new ScriptedWorld();
  world.training.pause = () => new Promise((resolve) => setTimeout(resolve, 1_500));
  await stage.perform(world, async () => {
    const handle = await start({ category: 'checkout' });
    await until(() => tried(world) === 1, 'the first fit');
    await handle.cancel();
    await expect(handle.result()).rejects.toThrow(WorkflowFailedError);
    expect((await handle.describe()).status.name).toBe('CANCELLED');
  });
  expect(world.names()).not.toContain('promoteModel');
});
