/** A node that is alive and unhealthy, on the time-skipping server: what is ordered and given up, when, and what is told. */
import type { WorkflowHandle } from '@temporalio/client';
import type { allocateCategory } from '../../workflows/allocation/allocateCategory';
import { type CalculateInput, queries, type ScaleInput, signals } from '../../workflows/contracts';
import { SickWorld } from './sickWorld';
import { currentDetails, openStage, type Stage, taskQueue, until } from './stage';

jest.setTimeout(60_000);

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage?.close());
afterEach(() => stage.clear(['category:checkout']));
let tests = 0;

/** A category with four nodes that serve, then `play`. */
async function run(
  play: (world: SickWorld, handle: WorkflowHandle<typeof allocateCategory>) => Promise<void>,
) {
  const world = new SickWorld(() => stage.env.currentTimeMs());
  world.demand = 200;
  const queue = `${taskQueue}-${++tests}`;
  await stage.perform(
    world,
    async () => {
      const handle = await stage.client.workflow.start<typeof allocateCategory>('allocateCategory', {
        workflowId: 'category:checkout',
        taskQueue: queue,
        args: [{ name: 'checkout', match: { pathPrefix: '/' } }],
      });
      try {
        await until(() => world.names().includes('verify'), 'the first tick');
        await stage.env.sleep('2m');
        expect(world.serving()).toBe(4);
        world.leastServing = 4;
        await play(world, handle);
      } finally {
        await handle.signal(signals.stop, { reason: 'end of the test' });
        await handle.result();
      }
    },
    queue,
  );
}
const replacements = (world: SickWorld) =>
  world.inputsOf<ScaleInput>('scale').flatMap(({ replace }) => (replace.length === 0 ? [] : [replace]));

test('after the grace a successor is ordered; the sick one goes when that serves, and the decisions say so', async () => {
  await run(async (world, handle) => {
    world.ill.add('n1');
    await stage.env.sleep('2m');
    // Not yet: it may be a restart of what it runs.
    expect(replacements(world)).toEqual([]);
    expect((await handle.query(queries.status)).health?.finding).toMatch(
      /^1 of 4 nodes is unhealthy \(n1 since/,
    );
    // Seen half a bin later, given up three minutes after that, acted on at the next tick.
    for (let tens = 12; replacements(world).length === 0 && tens < 30; tens++) await stage.env.sleep('10s');
    expect(replacements(world)[0]).toEqual(['n1']);
    expect(world.nodes.map(({ id }) => id)).toEqual(['n0', 'n1', 'n2', 'n3', 'n4']);
    expect((await handle.query(queries.status)).health?.replacing).toMatchObject([{ id: 'n1' }]);
    expect(world.inputsOf<CalculateInput>('calculate').at(-1)?.health).toMatch(
      /n1 since .* is being replaced/,
    );
    expect(await currentDetails(stage.client, 'category:checkout')).toMatch(/n1 since .* is being replaced/);
    await stage.env.sleep('2m');
    expect(world.nodes.map(({ id }) => id)).toEqual(['n0', 'n2', 'n3', 'n4']);
    expect(world.serving()).toBe(4);
    expect(world.leastServing).toBe(3);
    const { health, counts } = await handle.query(queries.status);
    expect(health).toMatchObject({ unhealthy: [], replacing: [], finding: null, givenUp: [{ id: 'n1' }] });
    expect(counts).toMatchObject({ planned: 4, provisioned: 4, routable: 4 });
    // An hour later nothing of it is carried any more, and nothing else was replaced.
    await stage.env.sleep('1h');
    expect((await handle.query(queries.status)).health).toBeNull();
    expect(world.nodes.map(({ id }) => id)).toEqual(['n0', 'n2', 'n3', 'n4']);
  });
});

test('nodes that are ill most of them at once are left as they are, and that is told', async () => {
  await run(async (world, handle) => {
    for (const id of ['n0', 'n1', 'n2']) world.ill.add(id);
    await stage.env.sleep('20m');
    expect(replacements(world)).toEqual([]);
    expect(world.nodes.map(({ id }) => id)).toEqual(['n0', 'n1', 'n2', 'n3']);
    expect((await handle.query(queries.status)).health?.finding).toMatch(
      /^3 of 4 nodes are .* a cause outside of/,
    );
    expect(world.inputsOf<CalculateInput>('calculate').at(-1)?.health).toMatch(
      /a cause outside of the nodes/,
    );
  });
});

test('paused, none is replaced; after the pause it is', async () => {
  await run(async (world, handle) => {
    await handle.signal(signals.pause, { reason: 'deployment' });
    world.ill.add('n1');
    await stage.env.sleep('10m');
    expect(replacements(world)).toEqual([]);
    expect((await handle.query(queries.status)).health?.finding).toMatch(/while the category is paused/);
    await handle.signal(signals.resume);
    await stage.env.sleep('5m');
    expect(world.nodes.map(({ id }) => id)).toEqual(['n0', 'n2', 'n3', 'n4']);
  });
});
