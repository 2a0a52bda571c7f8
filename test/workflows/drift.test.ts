/** The allocation workflow on a time-skipping server: what is told of accuracy, and that a drift starts a training. */
import type { allocateCategory } from '../../workflows/allocation/allocateCategory';
import { type AccuracySummary, queries, signals, type VerifyInput } from '../../workflows/contracts';
import { openStage, ScriptedWorld, type Stage, taskQueue, until } from './stage';

jest.setTimeout(60_000);

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage?.close());

const accuracy = (more: Partial<AccuracySummary> = {}): AccuracySummary => ({
  modelId: 'm1',
  relativeError: 0.81,
  targets: [
    {
      aheadMs: 0,
      scores: 900,
      relativeError: 0.8,
      coverage: 0.985,
      acceptedCoverage: 0.99,
      bias: 0.01,
      lossRatio: 0.6,
      upperLossRatio: 0.5,
    },
  ],
  drifts: [],
  ...more,
});

async function run(world: ScriptedWorld, play: (handle: Handle) => Promise<void>): Promise<void> {
  await stage.perform(world, async () => {
    const handle = await start();
    try {
      await until(() => world.names().includes('verify'), 'the first tick');
      await play(handle);
    } finally {
      await handle.signal(signals.stop, { reason: 'end of the test' });
      await handle.result();
    }
  });
}

type Handle = Awaited<ReturnType<typeof start>>;
const start = () =>
  stage.client.workflow.start<typeof allocateCategory>('allocateCategory', {
    workflowId: 'category:checkout',
    taskQueue,
    args: [{ name: 'checkout', match: { pathPrefix: '/' } }],
  });

const attributesOf = async (handle: Handle) => {
  const { typedSearchAttributes } = await handle.describe();
  return Object.fromEntries(typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value]));
};

test('accuracy is in the status and in search attributes, and not every little change is an event', async () => {
  const world = new ScriptedWorld();
  await run(world, async (handle) => {
    expect((await handle.query(queries.status)).accuracy).toBeNull();
    world.accuracy = accuracy();
    await stage.env.sleep('2m');
    // A check between two bins looks at no accuracy and keeps what is known.
    expect((await handle.query(queries.status)).accuracy).toEqual(accuracy());
    expect(await attributesOf(handle)).toMatchObject({ PamAccuracy: 0.81, PamDrift: 'none' });
    world.accuracy = accuracy({ relativeError: 0.83 });
    await stage.env.sleep('2m');
    expect(await attributesOf(handle)).toMatchObject({ PamAccuracy: 0.81 });
    world.accuracy = accuracy({ relativeError: 1.4 });
    await stage.env.sleep('2m');
    expect(await attributesOf(handle)).toMatchObject({ PamAccuracy: 1.4 });
    expect(world.inputsOf('planTraining')).toEqual([]);
  });
});

test('a drift starts one training with what changed as its reason, past the back-off, and is told meanwhile', async () => {
  const world = new ScriptedWorld();
  // The model in use is kept, so that the next ordinary training is half a day away.
  world.training.incumbent = {
    modelId: 'm1',
    configuration: { family: 'boosted', days: 28, parameters: {} },
    waste: 0.1,
    unseenBins: 0,
  };
  world.trainingDue = 'the model has not seen the last 1500 bins';
  await run(world, async (handle) => {
    await until(
      async () => (await handle.query(queries.status)).training.keptInARow === 1,
      'a training that keeps the model',
    );
    const before = world.inputsOf('planTraining').length;
    const sinceMs = Date.UTC(2026, 0, 5, 12);
    const drift = {
      kind: 'level' as const,
      sinceMs,
      detectedMs: await stage.env.currentTimeMs(),
      what: 'demand is 2.03 times what it was before, for its time of day',
    };
    world.accuracy = accuracy({ drifts: [drift] });
    // The next look finds it; workflow time stands still unless something sleeps.
    await stage.env.sleep('2m');
    await until(() => world.inputsOf('planTraining').length > before, 'the training of the drift');
    const reason = (await handle.query(queries.status)).training.lastResult ?? '';
    expect((await handle.query(queries.status)).accuracy?.drifts).toEqual([drift]);
    expect(await attributesOf(handle)).toMatchObject({ PamDrift: 'level' });
    await until(
      async () => /level drifted/.test((await handle.query(queries.status)).training.lastResult ?? ''),
      `the result of the training, so far: ${reason}`,
    );
    expect((await handle.query(queries.status)).training.lastResult).toMatch(
      /level drifted: demand is 2\.03 times .*, since 2026-01-05T12:00:00\.000Z/,
    );
    // What ends the finding: verify hears when the training ended.
    await stage.env.sleep('2m');
    const { trainedMs } = world.inputsOf<VerifyInput>('verify').at(-1)!;
    expect(trainedMs).toBeGreaterThan(drift.detectedMs);
    world.accuracy = accuracy();
    const trainings = world.inputsOf('planTraining').length;
    await stage.env.sleep('20m');
    expect(world.inputsOf('planTraining')).toHaveLength(trainings);
    expect(await attributesOf(handle)).toMatchObject({ PamDrift: 'none' });
  });
});
