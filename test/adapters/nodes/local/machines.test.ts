/** Local nodes of several machines over one store: who may do what, and what counts of a machine that is silent. */
import { Client } from 'pg';
import { createLocalProvider } from '../../../../adapters/nodes/local/localProvider';
import { thisMachine } from '../../../../adapters/nodes/local/machine';
import { isRunning } from '../../../../adapters/nodes/local/processIdentity';
import { localSettings } from '../../../../adapters/nodes/local/settings';
import { createNodeObserver } from '../../../../adapters/nodes/pool/observeNodes';
import type { Database } from '../../../../adapters/postgres';
import { settingsParser } from '../../../../core/category/settings';
import type { NodeOrder } from '../../../../ports/nodeOrder';
import type { EndpointHealth } from '../../../../ports/routingTable';
import { nodeStage, nodeTemplate, until } from '../../../support/nodeStage';
import { suiteDatabase } from '../../../support/suiteDatabase';

const stage = nodeStage();
let database: Database;
let url: string;
suiteDatabase((opened, address) => {
  database = opened;
  url = address;
});
afterAll(() => stage.close());

/** A worker of a machine; only that of this machine can start nodes here. */
const workerOf = (machine: string, stateDir = stage.stateDir) =>
  createLocalProvider({
    ...{ machine, stateDir, store: database.localNodes, builtInNode: stage.builtInNode },
    now: Date.now,
    random: Math.random,
  });
const order = (id: string): NodeOrder => ({
  ...{
    id,
    category: 'c',
    stack: 'c',
    createdBy: 'test',
    createdMs: Date.now(),
    expiresMs: Date.now() + 60_000,
  },
  template: nodeTemplate(),
  settings: settingsParser(localSettings).parse({ bootTime: '1ms' }),
});
const made = async (id: string) => {
  const { nodes } = workerOf(thisMachine());
  if (nodes.kind === 'by order') await nodes.make(order(id));
  const { pid, startTicks } = (await database.localNodes.get('c', id))!;
  return { pid: pid!, startTicks: startTicks! };
};
const presenceOf = async (machine: string, id: string) =>
  (await workerOf(machine).list('c')).find((node) => node.id === id)?.presence;
async function lastSeen(machine: string, agoS: number): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await database.localNodes.seen(machine);
  await client.query(
    `UPDATE pam.local_machines SET seen_at = now() - $2 * interval '1 second' WHERE machine = $1`,
    [machine, agoS],
  );
  await client.end();
}

test('this machine is the same for all its workers', () => {
  expect(thisMachine()).toMatch(/^[0-9a-f]{16}$/);
  expect(thisMachine()).toBe(thisMachine());
});

test('a worker of another machine lets a node drain, a worker of its own ends it, whatever its state folder', async () => {
  await lastSeen(thisMachine(), 0);
  const process = await made('far');
  const elsewhere = workerOf('another machine');
  expect(await presenceOf('another machine', 'far')).toBe('runs');
  if (elsewhere.nodes.kind === 'by order') await elsewhere.nodes.retire('c', 'far', 60_000);
  expect(await elsewhere.sweep('c')).toBe(1);
  expect(await elsewhere.list('c')).toEqual([]);
  expect(isRunning(process)).toBe(true);
  expect((await database.localNodes.get('c', 'far'))?.asked).toBe(false);

  const neighbour = workerOf(thisMachine(), `${stage.stateDir}/neighbour`);
  expect(await neighbour.sweep('c')).toBe(1);
  await until('it has ended', () => !isRunning(process));
  await until('it is forgotten', async () => (await neighbour.sweep('c')) === 0);
  expect(await database.localNodes.get('c', 'far')).toBeNull();
});

test('that a process is gone is seen on its machine and known everywhere', async () => {
  const { pid } = await made('gone');
  process.kill(pid, 'SIGKILL');
  await until('it has ended', async () => (await presenceOf(thisMachine(), 'gone')) === 'ended');
  expect(await presenceOf('another machine', 'gone')).toBe('runs');
  await workerOf(thisMachine()).sweep();
  expect(await presenceOf('another machine', 'gone')).toBe('ended');
  await database.localNodes.remove('c', 'gone');
});

test('nodes of a silent machine count while the proxy finds them healthy, and nobody waits for their end', async () => {
  await made('quiet');
  await lastSeen(thisMachine(), 90);
  expect(await presenceOf('another machine', 'quiet')).toBe('unknown');
  const health = new Map<string, EndpointHealth>([['quiet', 'healthy']]);
  const observer = createNodeObserver({ health: async () => health }, Date.now);
  const elsewhere = workerOf('another machine');
  expect(await observer.observe('c', await elsewhere.list('c'))).toMatchObject({
    provisioned: 1,
    routable: 1,
  });
  health.set('quiet', 'unhealthy');
  expect(await observer.observe('c', await elsewhere.list('c'))).toMatchObject({ provisioned: 0 });
  if (elsewhere.nodes.kind === 'by order') await elsewhere.nodes.retire('c', 'quiet', 1);
  expect(await elsewhere.sweep('c')).toBe(0);
  expect(await database.localNodes.get('c', 'quiet')).not.toBeNull();
});
