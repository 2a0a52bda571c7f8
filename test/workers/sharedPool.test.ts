/** Who starts a worker learns whether the shared pool is there; afterwards the task goes on whatever fails. */
import { PamError } from '../../core/errors';
import type { NodePool } from '../../ports/nodePool';
import { sharedPoolTask } from '../../workers/sharedPool';
import { memoryRoutingTable } from '../support/memoryRoutingTable';

const config = { sharedPool: { nodes: 2, endpoints: [], healthPath: '/healthz' } };

function taskOver(reconcile: NodePool['reconcile']) {
  const warned: unknown[] = [];
  const logger = { warn: (error: unknown) => warned.push(error) };
  return {
    task: sharedPoolTask({ config, pool: { reconcile }, routing: memoryRoutingTable(), logger }),
    warned,
  };
}

test('in place once this worker has put it there, by one call that its signal can end', async () => {
  const stop = new AbortController();
  const calls: Parameters<NodePool['reconcile']>[] = [];
  const { task } = taskOver(async (...call) => {
    calls.push(call);
    return { created: [], removed: [], provisioned: 2 };
  });
  const ended = task.run(stop.signal);
  await task.inPlace;
  stop.abort();
  await ended;
  expect(calls).toEqual([
    [expect.objectContaining({ category: 'shared', nodes: 2, rule: null }), { signal: stop.signal }],
  ]);
});

test('in place if another leads; a failure afterwards is only logged', async () => {
  const failure = new PamError('CONFLICT', 'another worker changes it');
  const stop = new AbortController();
  const { task, warned } = taskOver(() => Promise.reject(failure));
  task.onFollowing?.();
  await task.inPlace;
  const ended = task.run(stop.signal);
  await new Promise((resolve) => setImmediate(resolve));
  stop.abort();
  await ended;
  expect(warned).toEqual([failure]);
});

test('the first attempt fails: whoever waits for the pool learns why', async () => {
  const stop = new AbortController();
  const { task } = taskOver(() => Promise.reject(new PamError('TOOL_MISSING', 'no Pulumi')));
  const ended = task.run(stop.signal);
  await expect(task.inPlace).rejects.toMatchObject({ code: 'TOOL_MISSING' });
  stop.abort();
  await ended;
});
