/** The workflow tells since when nodes are asked for, also while the pool does not bring them into being. */
import { ApplicationFailure } from '@temporalio/common';
import type { allocateCategory } from '../../workflows/allocation/allocateCategory';
import { signals, type VerifyInput } from '../../workflows/contracts';
import { openStage, ScriptedWorld, type Stage, taskQueue, until } from './stage';

jest.setTimeout(60_000);

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage?.close());

/** A world whose pool refuses while it is `full`. */
class FullWorld extends ScriptedWorld {
  full = true;

  override activities() {
    const activities = super.activities();
    return {
      ...activities,
      scale: async (input: Parameters<typeof activities.scale>[0]) => {
        if (this.full) throw ApplicationFailure.nonRetryable('no capacity', 'REJECTED');
        return activities.scale(input);
      },
    };
  }
}

test('nodes that come after the pool refused for minutes were ordered when they were first asked for', async () => {
  const world = new FullWorld();
  await stage.perform(world, async () => {
    const handle = await stage.client.workflow.start<typeof allocateCategory>('allocateCategory', {
      workflowId: 'category:checkout',
      taskQueue,
      args: [{ name: 'checkout', match: { pathPrefix: '/' } }],
    });
    await until(() => world.names().includes('verify'), 'the first tick');
    await stage.env.sleep('5m');
    world.full = false;
    await stage.env.sleep('3m');
    await handle.signal(signals.stop, { reason: 'end of the test' });
    await handle.result();
  });
  const orders = world
    .inputsOf<VerifyInput>('verify')
    .filter(({ decisionId }) => decisionId !== null)
    .map(({ orderedMs }) => orderedMs ?? 0);
  const first = orders[0]!;
  const decided = world.inputsOf<{ atMs: number }>('calculate').map(({ atMs }) => atMs);
  expect(first).toBe(decided[0]);
  // Every look of the five minutes, and the one right after the nodes came, name the first decision; later ones their own.
  const same = orders.filter((orderedMs) => orderedMs === first).length;
  expect(same).toBeGreaterThanOrEqual(5);
  expect(orders.slice(same)).toEqual(decided.slice(same, orders.length));
  expect(orders.length).toBeGreaterThan(same);
  const unmet = world
    .inputsOf<VerifyInput>('verify')
    .filter(({ decisionId }) => decisionId !== null)
    .map(({ unmetSinceMs }) => unmetSinceMs);
  // While they are lacking; at the look right after the nodes came none is any more.
  expect(unmet.slice(0, same - 1)).toEqual(Array.from({ length: same - 1 }, () => first));
  expect(unmet[same - 1]).toBeNull();
  expect(unmet.at(-1)).toBeNull();
});
