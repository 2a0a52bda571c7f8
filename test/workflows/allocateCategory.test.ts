/** The allocation workflow on a time-skipping server: the order of its steps and how it answers people. */
import { WorkflowFailedError, type WorkflowHandle, WorkflowUpdateFailedError } from '@temporalio/client';
import { workflowMetadataQuery } from '@temporalio/workflow';
import type { CategorySettings } from '../../core/category/settings';
import type { allocateCategory } from '../../workflows/allocation/allocateCategory';
import { type CalculateInput, queries, signals, updates } from '../../workflows/contracts';
import { currentDetails, openStage, ScriptedWorld, type Stage, taskQueue, until } from './stage';

const checkout = { name: 'checkout', match: { header: { name: 'x-category', value: 'checkout' } } };
const workflowId = 'category:checkout';
type Handle = WorkflowHandle<typeof allocateCategory>;

jest.setTimeout(60_000);

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage?.close());
/** Its own in every test: what a worker of another test still polls is none of it. */
let queue = taskQueue;
let tests = 0;
beforeEach(() => {
  queue = `${taskQueue}-${++tests}`;
});
afterEach(() => stage.clear([workflowId, 'category:search', 'retrain:checkout']));

const perform = (world: ScriptedWorld, play: () => Promise<void>) => stage.perform(world, play, queue);

function start(input: unknown = checkout, id = workflowId): Promise<Handle> {
  return stage.client.workflow.start<typeof allocateCategory>('allocateCategory', {
    workflowId: id,
    taskQueue: queue,
    args: [input],
  });
}

/** Runs a category with `play`, then stops it. */
async function run(
  world: ScriptedWorld,
  play: (handle: Handle) => Promise<void>,
  input: unknown = checkout,
): Promise<void> {
  await perform(world, async () => {
    const handle = await start(input);
    try {
      await until(() => world.names().includes('verify'), 'the first tick');
      await play(handle);
    } finally {
      await handle.signal(signals.stop, { reason: 'end of the test' });
      await handle.result();
    }
  });
}

test('every bin runs predict → calculate → scale → verify, and one check between two bins', async () => {
  const world = new ScriptedWorld();
  await run(world, async () => {
    await stage.env.sleep('10m');
  });
  const steps = world.names();
  expect(steps[0]).toBe('registerCategory');
  expect(steps.at(-1)).toBe('removeNodes');
  const inner = steps.slice(1, -1).join(' ');
  expect(inner).toMatch(/^(predict calculate scale verify( verify)? ?)+$/);
  // 10 minutes of 1-minute bins and the tick at the start.
  expect(world.inputsOf('predict').length).toBeGreaterThanOrEqual(10);
  expect(world.inputsOf('predict').length).toBeLessThanOrEqual(12);
});

test('ticks stay on the bin grid', async () => {
  const world = new ScriptedWorld();
  await run(world, async () => {
    await stage.env.sleep('30m');
  });
  const offsets = world
    .inputsOf<{ atMs: number }>('predict')
    .slice(1, -1)
    .map(({ atMs }) => atMs % 60_000);
  expect(offsets.length).toBeGreaterThan(25);
  // The settle time is 2 s; a loop that waited a bin after each tick would wander off.
  for (const offset of offsets) expect(offset).toBeLessThan(4_000);
});

test('stop drains and completes with a sentence', async () => {
  const world = new ScriptedWorld();
  await perform(world, async () => {
    const handle = await start();
    await until(() => world.names().includes('verify'), 'the first tick');
    await handle.signal(signals.stop, { reason: 'moved elsewhere' });
    await expect(handle.result()).resolves.toContain('moved elsewhere');
    expect(await currentDetails(stage.client, workflowId)).toMatch(
      /^\*\*checkout\*\*: stopped: moved elsewhere; nodes drained and removed, rule removed, at 20/,
    );
  });
  expect(world.provisioned).toBe(0);
  expect(world.inputsOf('removeNodes')).toEqual([{ category: 'checkout', stopped: true }]);
});

test('cancelling drains as stop does', async () => {
  const world = new ScriptedWorld();
  await perform(world, async () => {
    const handle = await start();
    await until(() => world.names().includes('verify'), 'the first tick');
    await handle.cancel();
    await expect(handle.result()).rejects.toThrow(WorkflowFailedError);
    expect((await handle.describe()).status.name).toBe('CANCELLED');
  });
  expect(world.provisioned).toBe(0);
});

test.each([
  ['no match rule', { name: 'checkout' }, /match/],
  ['a misspelt field', { ...checkout, risc: 0.1 }, /risc/],
  ['a name with capitals', { ...checkout, name: 'Checkout' }, /name: expected 1 to 40 lower-case/],
  ['a duration without a unit', { ...checkout, lead: '300' }, /lead: expected a duration with its unit/],
  ['a minimum above the maximum', { ...checkout, nodes: { min: 9, max: 3, initial: 3 } }, /nodes\.min/],
])('input with %s fails at once and names the field', async (_, input, message) => {
  const world = new ScriptedWorld();
  await perform(world, async () => {
    const failure = await start(input)
      .then((handle) => handle.result())
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(WorkflowFailedError);
    expect((failure as WorkflowFailedError).cause?.message).toMatch(message);
  });
  expect(world.calls).toEqual([]);
});

test('an id that is not the category’s own is refused', async () => {
  await perform(new ScriptedWorld(), async () => {
    const failure = await start(checkout, 'category:search')
      .then((handle) => handle.result())
      .catch((error: unknown) => error);
    expect((failure as WorkflowFailedError).cause?.message).toContain('expected "category:checkout"');
  });
});

test('an event within reach is recorded and predicted from before the next bin', async () => {
  const world = new ScriptedWorld();
  await run(world, async (handle) => {
    const before = world.inputsOf('predict').length;
    const now = await stage.env.currentTimeMs();
    await handle.signal(signals.calendarEvent, {
      name: 'flash sale',
      start: new Date(now + 120_000).toISOString(),
      duration: '30m',
      uplift: 3,
    });
    await until(() => world.inputsOf('predict').length > before, 'a prediction after the event');
    const recorded = world.inputsOf<{ announced: { title: string }[] }>('recordEvents');
    expect(recorded[0]?.announced[0]?.title).toBe('flash sale');
    const { pendingEvents } = await handle.query(queries.status);
    expect(pendingEvents.map(({ title }) => title)).toEqual(['flash sale']);
    // The decision follows the prediction by an activity.
    await until(
      async () => (await handle.query(queries.status)).decision?.trigger === 'event',
      'a decision because of the event',
    );
  });
});

test('a bad signal is recorded in the status and changes nothing', async () => {
  const world = new ScriptedWorld();
  await run(world, async (handle) => {
    const before = world.calls.length;
    await handle.signal(signals.calendarEvent, { name: 'sale', start: 'tomorrow', duration: '1h' });
    await handle.signal(signals.pause, { because: 'x' });
    const status = await handle.query(queries.status);
    expect(status.rejected.map(({ what }) => what)).toEqual(['signal calendarEvent', 'signal pause']);
    expect(status.rejected[0]?.why).toMatch(/start: expected an ISO 8601 time/);
    expect(status.pendingEvents).toEqual([]);
    expect(status.mode).toBe('active');
    expect(world.calls.length).toBe(before);
  });
});

test('paused, it predicts and decides but does not scale; resumed, it does', async () => {
  const world = new ScriptedWorld();
  await run(world, async (handle) => {
    await handle.signal(signals.pause, { reason: 'deployment' });
    await until(async () => (await handle.query(queries.status)).mode === 'paused', 'the pause');
    const scaledBefore = world.inputsOf('scale').length;
    const predictedBefore = world.inputsOf('predict').length;
    world.demand = 1_000;
    await stage.env.sleep('5m');
    expect(world.inputsOf('scale').length).toBe(scaledBefore);
    expect(world.inputsOf('predict').length).toBeGreaterThan(predictedBefore + 3);
    expect(world.inputsOf<CalculateInput>('calculate').at(-1)?.paused).toBe(true);
    await handle.signal(signals.resume);
    await until(() => world.provisioned === 20, 'the nodes after resuming');
  });
});

test('configure is refused with a reason, or takes effect at once', async () => {
  const world = new ScriptedWorld();
  await run(world, async (handle) => {
    const refused = await handle
      .executeUpdate(updates.configure, { args: [{ risk: 3 }] })
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(WorkflowUpdateFailedError);
    expect((refused as WorkflowUpdateFailedError).cause?.message).toMatch(/risk/);

    const settings = await handle.executeUpdate(updates.configure, {
      args: [{ risk: 0.003, nodes: { max: 40 } }],
    });
    expect(settings.risk).toBe(0.003);
    expect(settings.nodes).toEqual({ min: 1, max: 40, initial: 2, provider: 'local' });
    await until(() => world.inputsOf('registerCategory').length === 2, 'the registration of the change');
    expect(world.inputsOf<CategorySettings>('registerCategory')[1]?.nodes.max).toBe(40);
  });
});

test('a change that the policy of the worker refuses is noted, and the settings before it stay', async () => {
  const world = new ScriptedWorld();
  await run(world, async (handle) => {
    await until(() => world.provisioned === 2, 'the first nodes');
    world.refused = "local.command: not allowed (policy.commands in pam.yaml on the worker's machine)";
    await handle.executeUpdate(updates.configure, { args: [{ risk: 0.003 }] });
    await until(() => world.inputsOf('registerCategory').length === 2, 'the registration of the change');
    const ticks = world.inputsOf('predict').length;
    await until(() => world.inputsOf('predict').length > ticks, 'the loop goes on');
    const status = await handle.query(queries.status);
    expect(status.settings.risk).toBe(0.01);
    expect(status.rejected).toEqual([
      { atMs: expect.any(Number), what: 'update configure', why: expect.stringContaining('policy.commands') },
    ]);
    expect(world.inputsOf<CalculateInput>('calculate').at(-1)?.settings.risk).toBe(0.01);
    world.refused = null;
    expect((await handle.executeUpdate(updates.configure, { args: [{ headroom: 1 }] })).risk).toBe(0.01);
  });
});

test('an override holds its nodes until it expires', async () => {
  const world = new ScriptedWorld();
  await run(world, async (handle) => {
    const refused = await handle
      .executeUpdate(updates.setNodes, { args: [{ nodes: 900, for: '1h' }] })
      .catch((error: unknown) => error);
    expect((refused as WorkflowUpdateFailedError).cause?.message).toMatch(/maximum of 20/);

    await handle.executeUpdate(updates.setNodes, {
      args: [{ nodes: 7, for: '10m', reason: 'load test' }],
    });
    await until(() => world.provisioned === 7, 'the overridden nodes');
    await stage.env.sleep('5m');
    expect(world.provisioned).toBe(7);
    await stage.env.sleep('7m');
    expect(world.provisioned).toBe(2);
    expect((await handle.query(queries.status)).override).toBeNull();
  });
});

test('an override that begins later is told to every decision, holds from its start and ends by itself', async () => {
  const world = new ScriptedWorld();
  await run(world, async (handle) => {
    const now = await stage.env.currentTimeMs();
    const at = (minutes: number) => new Date(now + minutes * 60_000).toISOString();
    const over = await handle
      .executeUpdate(updates.setNodes, { args: [{ nodes: 5, from: at(-60), for: '10m' }] })
      .catch((error: unknown) => error);
    expect((over as WorkflowUpdateFailedError).cause?.message).toMatch(/over already/);

    const first = { nodes: 9, from: at(20), for: '30m', reason: 'show' };
    const second = { nodes: 4, from: at(40), for: '30m', reason: 'encore' };
    await handle.executeUpdate(updates.setNodes, { args: [second] });
    await handle.executeUpdate(updates.setNodes, { args: [first] });
    expect((await handle.query(queries.status)).comingOverrides.map(({ reason }) => reason)).toEqual([
      'show',
      'encore',
    ]);
    await stage.env.sleep('15m');
    expect(world.inputsOf<CalculateInput>('calculate').at(-1)).toMatchObject({
      override: null,
      coming: [{ nodes: 9 }, { nodes: 4 }],
    });
    await stage.env.sleep('10m');
    expect(world.provisioned).toBe(9);
    // Two at once: the one that began last is in force.
    await stage.env.sleep('20m');
    expect(world.provisioned).toBe(4);
    await stage.env.sleep('30m');
    expect(world.provisioned).toBe(2);
    const { override, comingOverrides } = await handle.query(queries.status);
    expect([override, comingOverrides]).toEqual([null, []]);

    await handle.executeUpdate(updates.setNodes, { args: [{ nodes: 9, from: at(80), for: '1h' }] });
    await handle.executeUpdate(updates.setNodes, { args: [{ nodes: null }] });
    await stage.env.sleep('10m');
    expect(world.provisioned).toBe(2);
  });
});

test('what the UI shows changes with what people want to know, not with every bin', async () => {
  const world = new ScriptedWorld();
  await run(world, async (handle) => {
    await stage.env.sleep('1m');
    const before = await currentDetails(stage.client, workflowId);
    const bins = world.inputsOf('predict').length;
    world.demand = 90;
    await stage.env.sleep('5m');
    expect(world.inputsOf('predict').length).toBeGreaterThan(bins + 3);
    expect(await currentDetails(stage.client, workflowId)).toBe(before);
    await handle.executeUpdate(updates.setNodes, { args: [{ nodes: 7, for: '10m', reason: 'load test' }] });
    await until(() => world.provisioned === 7, 'the overridden nodes');
    await until(
      async () => /7 nodes planned since/.test(await currentDetails(stage.client, workflowId)),
      'the new standing',
    );
    expect(await currentDetails(stage.client, workflowId)).toContain('Override: 7 nodes until');
  });
});

test('the UI says of every signal, update and query what it is for', async () => {
  const world = new ScriptedWorld();
  await run(world, async (handle) => {
    const { definition } = await handle.query(workflowMetadataQuery);
    for (const [declared, told] of [
      [signals, definition?.signalDefinitions],
      [updates, definition?.updateDefinitions],
      [queries, definition?.queryDefinitions],
    ] as const)
      for (const { name } of Object.values(declared))
        expect(told?.find((one) => one.name === name)?.description).toMatch(/^[A-Z].{5,}/);
  });
});

test('forecast-only predicts and decides and has no nodes', async () => {
  const world = new ScriptedWorld();
  await run(
    world,
    async (handle) => {
      await stage.env.sleep('5m');
      expect(world.inputsOf<{ nodes: number }>('scale').map(({ nodes }) => nodes)).toEqual([0]);
      const status = await handle.query(queries.status);
      expect(status.mode).toBe('forecast-only');
      expect(status.counts).toMatchObject({ required: 2, planned: 2, provisioned: 0, routable: 0 });
      const decisions = await handle.query(queries.decisions, 3);
      expect(decisions).toHaveLength(3);
    },
    { ...checkout, mode: 'forecast-only' },
  );
});

test('more measured than provisioned for scales up without waiting for the next bin', async () => {
  const world = new ScriptedWorld();
  await run(world, async (handle) => {
    world.scaleUp = { nodes: 9, reason: 'measured 450 requests a bin' };
    await stage.env.sleep('1m');
    await until(() => world.inputsOf<{ nodes: number }>('scale').some(({ nodes }) => nodes === 9), '9 nodes');
    const decisions = await handle.query(queries.decisions);
    expect(decisions.some(({ trigger, planned }) => trigger === 'measured' && planned === 9)).toBe(true);
  });
});

test('a predict that fails for good is told and the category holds', async () => {
  const world = new ScriptedWorld();
  const activities = world.activities();
  let fail = false;
  world.activities = () => ({
    ...activities,
    predict: async (input) => {
      if (fail) throw Object.assign(new Error('the model of another version'), { name: 'INVALID_DATA' });
      return activities.predict(input);
    },
  });
  await run(world, async (handle) => {
    fail = true;
    await stage.env.sleep('2m');
    expect(world.inputsOf<CalculateInput>('calculate').at(-1)?.predicted).toBeNull();
    const status = await handle.query(queries.status);
    expect(status.rejected.at(-1)).toMatchObject({
      what: 'step predict',
      why: 'the model of another version',
    });
    fail = false;
  });
});

test('a training that is due runs once beside the loop and its result is told', async () => {
  const world = new ScriptedWorld();
  world.trainingDue = 'no model yet and 5000 bins of history';
  await run(world, async (handle) => {
    await until(() => world.names().includes('promoteModel'), 'the promotion');
    await stage.env.sleep('5m');
    expect(world.inputsOf('planTraining')).toHaveLength(1);
    expect((await handle.query(queries.status)).training.lastResult).toMatch(
      /boosted has the lowest expected waste/,
    );
    const retrain = await stage.client.workflow.getHandle('retrain:checkout').describe();
    expect(retrain.status.name).toBe('COMPLETED');
    expect(retrain.taskQueue).toBe(`${queue}-train`);
  });
});
