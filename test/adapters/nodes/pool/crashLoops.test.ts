/** Nodes that end by themselves: counted with how they ended, made again ever later, never counted as capacity. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openNodePool } from '../../../../adapters/nodes';
import { isRunning } from '../../../../adapters/nodes/local/processIdentity';
import type { Database } from '../../../../adapters/postgres';
import type { NodePool, PoolSpec } from '../../../../ports/nodePool';
import type { LocalNode } from '../../../../ports/stores/nodes/localNodeStore';
import { processIdentity } from '../../../../workers/identity';
import { memoryRoutingTable } from '../../../support/memoryRoutingTable';
import { nodeStage, requiredTool, poolSpec as spec, until } from '../../../support/nodeStage';
import { suiteDatabase } from '../../../support/suiteDatabase';

jest.setTimeout(60_000);

const stage = nodeStage();
const { stateDir, builtInNode } = stage;
let database: Database;
let pool: NodePool & { close(): Promise<void> };
let aheadMs = 0;
const routing = memoryRoutingTable();
suiteDatabase((opened) => {
  database = opened;
});
const running = (script: string) => ({ command: [process.execPath, '-e', script], bootTime: '1ms' });
const serves = 'require("http").createServer((q, r) => r.end()).listen(process.env.PORT)';
const after = (nodes: number, settings: PoolSpec['settings']) => spec('loop', nodes, { settings });
const ends = () => database.troubles.endsSince('loop', 0);
const isThere = ({ pid, startTicks }: LocalNode): boolean =>
  isRunning({ pid: pid ?? 0, startTicks: startTicks ?? 0 });
const count = async (presence: 'ended' | 'runs') =>
  (await database.localNodes.list('loop')).filter((node) => isThere(node) === (presence === 'runs')).length;

beforeAll(async () => {
  pool = await openNodePool({
    ...{ ...database, stateDir, builtInNode, routing },
    ...{ holder: processIdentity(), pulumiBinary: requiredTool('PAM_PULUMI') },
    now: () => Date.now() + aheadMs,
  });
});
afterAll(async () => {
  await pool?.close();
  await stage.close();
});

test('nodes that end soon are made again at once, then ever later; a changed command is tried at once', async () => {
  const dying = running(
    `${serves}; console.error("out of cheese \\u001b[31mred"); setTimeout(() => process.exit(7), 500)`,
  );
  await pool.reconcile(after(2, dying));
  await until('both have ended', async () => (await count('ended')) === 2);
  expect(await pool.observe('loop')).toMatchObject({ provisioned: 0, routable: 0 });
  // The first round is followed at once, the second one is not.
  expect((await pool.reconcile(after(2, dying))).created).toHaveLength(2);
  await until('both have ended again', async () => (await count('ended')) === 2);
  expect(await pool.reconcile(after(2, dying))).toMatchObject({ created: [], provisioned: 0 });
  expect(await pool.reconcile(after(2, dying))).toEqual({ created: [], removed: [], provisioned: 0 });
  const [end] = await ends();
  expect(await ends()).toHaveLength(4);
  expect(end).toMatchObject({
    exitCode: 7,
    exitSignal: null,
    said: expect.stringContaining('out of cheese red'),
  });
  // More that is asked for is made: whether it stays shows itself.
  expect((await pool.reconcile(after(3, dying))).created).toHaveLength(1);
  await until('it has ended', async () => (await count('ended')) === 1);
  aheadMs = 31_000;
  expect((await pool.reconcile(after(3, dying))).created).toHaveLength(3);
  await until('all have ended', async () => (await count('runs')) === 0);
  const well = running(serves);
  expect((await pool.reconcile(after(2, well))).created).toHaveLength(2);
  await until('both serve', async () => (await pool.observe('loop')).routable >= 2);
});

test('one of many that is killed is replaced at once, and how it ended is known', async () => {
  const well = running(serves);
  await until('the others are gone', async () => {
    await pool.reconcile(after(2, well));
    return (await count('runs')) === 2;
  });
  const [victim] = (await database.localNodes.list('loop')).filter(isThere);
  process.kill(victim!.pid!, 'SIGKILL');
  await until('it has ended', () => !isThere(victim!));
  expect(await pool.reconcile(after(2, well))).toMatchObject({ removed: [victim!.id], provisioned: 2 });
  expect((await ends()).at(-1)).toMatchObject({ id: victim!.id, exitSignal: 'SIGKILL', exitCode: null });
});

test.each([
  ['is not there', ['/no/such/program'], 127, /was not found|there is no program/],
  ['may not be executed', [builtInNode], 126, /may not be executed/],
])(
  'a command that %s is tried again ever later, and nobody else waits for it',
  async (_what, command, code, words) => {
    const category = `no-${code}`;
    const broken = spec(category, 2, { settings: { command } });
    await expect(pool.reconcile(broken)).rejects.toMatchObject({
      code: 'REJECTED',
      message: expect.stringMatching(words),
    });
    await expect(pool.reconcile(broken)).rejects.toMatchObject({ code: 'REJECTED' });
    expect(await pool.reconcile(broken)).toEqual({ created: [], removed: [], provisioned: 0 });
    expect((await database.troubles.endsSince(category, 0)).at(-1)).toMatchObject({ exitCode: code });
    await pool.remove(category);
  },
);

test('a pool without nodes is a rule and an entry: no command runs before there is something to provision', async () => {
  const worked = (category: string): boolean => existsSync(join(stateDir, 'pulumi', 'work', category));
  const beganMs = performance.now();
  const names = Array.from({ length: 200 }, (_, place) => `quiet-${place}`);
  for (const name of names) await pool.reconcile(spec(name, 0));
  expect(performance.now() - beganMs).toBeLessThan(15_000);
  expect(names.filter(worked)).toEqual([]);
  expect(routing.rules.size).toBeGreaterThanOrEqual(200);
  expect(await pool.reconcile(spec('quiet-0', 0))).toEqual({ created: [], removed: [], provisioned: 0 });
  // It grows as any other, and its rule may change before that.
  const match = { pathPrefix: '/elsewhere' };
  await pool.reconcile(spec('quiet-1', 0, { rule: { category: 'quiet-1', match } }));
  expect(routing.rules.get('quiet-1')?.match).toEqual(match);
  expect(await pool.reconcile(spec('quiet-1', 1))).toMatchObject({ provisioned: 1 });
  await pool.reconcile(spec('quiet-1', 0));
  for (const name of names.slice(0, 3)) {
    await pool.remove(name);
    expect(routing.rules.has(name)).toBe(false);
    expect(await database.ledger.get(name)).toBeNull();
    expect(worked(name)).toBe(false);
  }
});
