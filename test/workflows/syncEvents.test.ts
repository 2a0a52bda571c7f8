/** A feed on a time-skipping server: what changed is told to the category, which acts before its next tick. */
import type { WorkflowFailedError, WorkflowHandle } from '@temporalio/client';
import type { allocateCategory } from '../../workflows/allocation/allocateCategory';
import { queries, type ScaleInput, type SyncEventsResult, signals } from '../../workflows/contracts';
import type { syncEvents } from '../../workflows/feeds/syncEvents';
import { FeedWorld } from './feedWorld';
import { currentDetails, openStage, type Stage, taskQueue, until } from './stage';

jest.setTimeout(60_000);

let stage: Stage;
let nowMs = 0;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage?.close());

const feed = { name: 'sales', type: 'campaign', url: 'http://shop.example/campaigns.json' } as const;
const iso = (timeMs: number) => new Date(timeMs).toISOString();
const sale = (startMs: number, more: object = {}) => ({
  id: 'summer',
  name: 'Summer sale',
  category: 'checkout',
  start: iso(startMs),
  duration: '30m',
  uplift: 4,
  ...more,
});

async function look(input: unknown = feed): Promise<SyncEventsResult> {
  nowMs = await stage.env.currentTimeMs();
  return stage.client.workflow.execute<typeof syncEvents>('syncEvents', {
    workflowId: 'sync:sales',
    taskQueue,
    args: [input as typeof feed],
  });
}

async function run(
  play: (world: FeedWorld, handle: WorkflowHandle<typeof allocateCategory>) => Promise<void>,
) {
  const world = new FeedWorld(() => nowMs);
  await stage.perform(world, async () => {
    const handle = await stage.client.workflow.start<typeof allocateCategory>('allocateCategory', {
      workflowId: 'category:checkout',
      taskQueue,
      args: [{ name: 'checkout', match: { pathPrefix: '/' }, scaleDownHold: '1s' }],
    });
    try {
      await until(() => world.names().includes('verify'), 'the first tick');
      await play(world, handle);
    } finally {
      await handle.signal(signals.stop, { reason: 'end of the test' });
      await handle.result();
    }
  });
}

const nodesOf = (world: FeedWorld) => world.inputsOf<ScaleInput>('scale').map(({ nodes }) => nodes);

/** The events of the category's history from the signal on: signals, predictions and scalings, in order. */
async function since(handle: WorkflowHandle<typeof allocateCategory>): Promise<string[]> {
  const { events } = await handle.fetchHistory();
  const names = (events ?? []).flatMap((event) => {
    if (event.workflowExecutionSignaledEventAttributes) return ['signal'];
    if (event.timerFiredEventAttributes) return ['timer'];
    const name = event.activityTaskScheduledEventAttributes?.activityType?.name;
    return name ? [name] : [];
  });
  return names.slice(names.indexOf('signal'));
}

test('signal → new prediction → nodes, before the next tick; a moved and a called-off event give them back', async () => {
  await run(async (world, handle) => {
    const now = await stage.env.currentTimeMs();
    world.content = JSON.stringify([sale(now + 120_000)]);
    const first = await look();
    expect(first).toMatchObject({
      added: 1,
      moved: 0,
      withdrawn: 0,
      signalled: ['checkout'],
      notRunning: [],
    });
    expect(first.summary).toBe('1 added, 0 changed, 0 called off, 0 as before; told checkout');
    expect(await currentDetails(stage.client, 'sync:sales')).toBe(
      `Feed **sales** (campaign, ${feed.url}).\n\n${first.summary}.`,
    );
    await until(() => nodesOf(world).at(-1) === 8, 'nodes for the sale');
    const steps = await since(handle);
    const order = ['recordEvents', 'predict', 'calculate', 'scale'].map((name) => steps.indexOf(name));
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(steps.slice(0, steps.indexOf('scale'))).not.toContain('timer');
    expect((await handle.query(queries.status)).decision?.trigger).toBe('event');

    expect((await look()).summary).toBe('nothing changed, 1 events stand');

    // Moved by six hours: out of reach, so the nodes go without waiting for a tick.
    world.content = JSON.stringify([sale(now + 6 * 3_600_000)]);
    expect(await look()).toMatchObject({ added: 0, moved: 1, withdrawn: 0 });
    await until(() => nodesOf(world).at(-1) === 2, 'nodes given back after the move');

    world.content = JSON.stringify([sale(now + 180_000)]);
    await look();
    await until(() => nodesOf(world).at(-1) === 8, 'nodes for the sale that is soon again');
    world.content = '[]';
    expect(await look()).toMatchObject({ withdrawn: 1, signalled: ['checkout'] });
    await until(() => nodesOf(world).at(-1) === 2, 'nodes given back after the withdrawal');
    expect((await handle.query(queries.status)).pendingEvents).toEqual([]);
  });
});

test('an event that is hours away is told and kept, without a prediction of its own', async () => {
  await run(async (world, handle) => {
    const now = await stage.env.currentTimeMs();
    const before = world.inputsOf('predict').length;
    world.content = JSON.stringify([sale(now + 5 * 3_600_000)]);
    await look();
    await until(async () => (await handle.query(queries.status)).pendingEvents.length === 1, 'the event');
    await until(() => world.names().includes('recordEvents'), 'its record');
    expect(world.inputsOf('predict').length).toBe(before);
  });
});

test('categories that do not run are named; their events are stored', async () => {
  const world = new FeedWorld(() => nowMs);
  await stage.perform(world, async () => {
    const now = await stage.env.currentTimeMs();
    world.content = JSON.stringify([
      sale(now + 60_000),
      { name: 'broken', category: 'checkout', start: 'soon' },
    ]);
    const result = await look();
    expect(result).toMatchObject({ added: 1, signalled: [], notRunning: ['checkout'] });
    expect(result.problems[0]).toMatch(/^line 2: left out: .*/);
    expect(world.stored.map(({ event }) => event.title)).toEqual(['Summer sale']);
  });
});

test('a look that fails changes nothing and says so', async () => {
  const world = new FeedWorld(() => nowMs);
  await stage.perform(world, async () => {
    world.content = JSON.stringify([sale((await stage.env.currentTimeMs()) + 3_600_000)]);
    await look();
    world.content = null;
    const failure: WorkflowFailedError = await look().then(
      () => expect(true).toBe(false) as never,
      (error) => error,
    );
    expect(failure.cause?.message).toBe('nothing changed: feed "sales": http://shop/ answers 404');
    // NOT_FOUND is not worth a retry.
    expect(world.fetches).toBe(2);
    world.content = '<html>maintenance</html>';
    await expect(look()).rejects.toMatchObject({
      cause: { message: expect.stringMatching(/^nothing changed/) },
    });
    expect(world.stored.map(({ withdrawnBy }) => withdrawnBy)).toEqual([null]);
  });
});

test('a known feed by name, and calling off all of it', async () => {
  await run(async (world, handle) => {
    world.content = JSON.stringify([sale((await stage.env.currentTimeMs()) + 120_000)]);
    await look();
    await until(() => nodesOf(world).at(-1) === 8, 'nodes for the sale');
    expect(await look({ feed: 'sales' })).toMatchObject({ unchanged: 1 });
    expect(await look({ feed: 'sales', withdraw: true })).toMatchObject({
      withdrawn: 1,
      signalled: ['checkout'],
    });
    await until(() => nodesOf(world).at(-1) === 2, 'nodes given back');
    expect((await handle.query(queries.status)).pendingEvents).toEqual([]);
    await expect(look({ feed: 'sales' })).rejects.toMatchObject({
      cause: { cause: { message: expect.stringContaining('not known') } },
    });
  });
});

test.each([
  ['no address', { name: 'sales', type: 'campaign' }, /url: expected either "url" or "file"/],
  ['a calendar for nobody', { ...feed, type: 'calendar' }, /categories: expected at least one/],
  ['news without rules', { ...feed, type: 'news' }, /rules: expected at least one rule/],
  ['a password', { ...feed, url: 'https://me:pw@shop.example/' }, /url: expected an address without/],
  ['a typing error', { ...feed, evry: '5m' }, /evry/],
  ['a name that is none', { feed: 'Not A Name' }, /feed: expected 1 to 40/],
  ['nothing', null, /input/],
])('input with %s fails at once and names the field', async (_, input, message) => {
  const world = new FeedWorld(() => nowMs);
  await stage.perform(world, async () => {
    const failure = await look(input).then(
      () => null,
      (error: WorkflowFailedError) => error,
    );
    expect(failure?.cause?.message).toMatch(message);
    expect(failure?.cause?.message).not.toContain('me:pw');
  });
  expect(world.fetches).toBe(0);
});
