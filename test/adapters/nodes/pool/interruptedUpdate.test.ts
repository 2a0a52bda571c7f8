import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { openNodePool } from '../../../../adapters/nodes';
import { processesWithEnvironment } from '../../../../adapters/nodes/local/processIdentity';
import type { Database } from '../../../../adapters/postgres';
import type { NodePool } from '../../../../ports/nodePool';
import { processIdentity } from '../../../../workers/identity';
import { memoryRoutingTable } from '../../../support/memoryRoutingTable';
import { nodeStage, requiredTool, poolSpec as spec, until } from '../../../support/nodeStage';
import { suiteDatabase } from '../../../support/suiteDatabase';

jest.setTimeout(60_000);

const stage = nodeStage();
const { stateDir, builtInNode } = stage;
const routing = memoryRoutingTable();
const pulumiBinary = requiredTool('PAM_PULUMI');
let pool: NodePool & { close(): Promise<void> };

let database: Database;
let databaseUrl: string;
suiteDatabase((opened, url) => {
  database = opened;
  databaseUrl = url;
});
const options = () => ({
  ...{ ...database, holder: processIdentity() },
  ...{ stateDir, builtInNode, pulumiBinary, routing, now: Date.now },
});
const phaseOf = async (category: string) => (await database.ledger.get(category))?.phase;

/** A worker in a process group of its own that has begun to make `nodes` nodes. */
function startWorker(category: string, nodes: number): ChildProcess {
  const orders = JSON.stringify({
    ...{ stateDir, builtInNode, pulumiBinary, databaseUrl },
    spec: spec(category, nodes),
  });
  const register = resolve(__dirname, '../../../support/compileTypeScript.js');
  const program = resolve(__dirname, '../../../support/reconcileUntilKilled.ts');
  return spawn(process.execPath, ['-r', register, program, orders], { detached: true, stdio: 'ignore' });
}
const ended = (child: ChildProcess): Promise<void> =>
  until('the worker has ended', () => child.signalCode !== null);

beforeAll(async () => {
  pool = await openNodePool(options());
});
afterAll(async () => {
  await pool?.close();
  await stage.close();
});

test.each([
  ['the worker alone', 'alone', (pid: number) => process.kill(pid, 'SIGKILL')],
  ['the worker and its Pulumi command', 'both', (pid: number) => process.kill(-pid, 'SIGKILL')],
])(
  'kill -9 of %s in the middle of an update leaves nothing that the next does not find',
  async (_what, category, kill) => {
    const worker = startWorker(category, 8);
    await until(
      'a node exists',
      async () => (await database.localNodes.list(category)).some((node) => node.pid !== null),
      30_000,
    );
    kill(worker.pid!);
    await ended(worker);
    expect(await phaseOf(category)).toBe('updating');

    const change = await pool.reconcile(spec(category, 3));
    expect(change.provisioned).toBe(3);
    await until('all are routable', async () => (await pool.observe(category)).routable === 3);
    await until('no other node runs', () => stage.pids().length === 3);
    await until(
      'their records are gone too',
      async () => (await database.localNodes.list(category)).length === 3,
    );
    expect((await database.localNodes.list(category)).map((node) => node.pid).sort()).toEqual(
      stage.pids().sort(),
    );
    expect((await routing.endpoints(category)).map((endpoint) => endpoint.id).sort()).toEqual(
      (await database.localNodes.list(category)).map((node) => node.id).sort(),
    );
    expect(await pool.reconcile(spec(category, 3))).toEqual({ created: [], removed: [], provisioned: 3 });
    await pool.remove(category);
    expect(stage.pids()).toEqual([]);
    expect(processesWithEnvironment({ PAM_UPDATE_OF: category })).toEqual([]);
  },
);

test('a removal that was cancelled half-way is completed by the next one', async () => {
  await pool.reconcile(spec('half', 3));
  const removing = pool.remove('half', { signal: AbortSignal.timeout(400) });
  await removing.catch(() => undefined);
  await pool.remove('half');
  expect(stage.pids()).toEqual([]);
  expect(await database.localNodes.list('half')).toEqual([]);
  expect(await database.ledger.get('half')).toBeNull();
});

test('an attribute file that a killed command left empty does not make a stack unreadable', async () => {
  const stacks = join(stateDir, 'pulumi', 'state', '.pulumi', 'stacks', 'pam');
  await pool.reconcile(spec('torn', 1));
  // None is written, so none can be torn; one that an older installation left is removed by the next worker.
  expect(readdirSync(stacks).filter((name) => name.startsWith('torn.') && name.endsWith('.attrs'))).toEqual(
    [],
  );
  writeFileSync(join(stacks, 'torn.json.attrs'), '');
  const next = await openNodePool(options());
  try {
    expect((await next.reconcile(spec('torn', 2))).created).toHaveLength(1);
    await next.remove('torn');
  } finally {
    await next.close();
  }
});

test('a second worker is refused while the first changes the pool, and may try again', async () => {
  const worker = startWorker('contested', 2);
  await until('the first has begun', async () => (await phaseOf('contested')) === 'updating', 30_000);
  const outcome = await pool.reconcile(spec('contested', 2)).catch((error: unknown) => error);
  await until('the first has ended', () => worker.exitCode !== null, 30_000);
  expect(worker.exitCode).toBe(0);
  // Either it waited for its turn and found nothing to do, or it was told to come back: never a second set of nodes.
  if (outcome instanceof Error) expect(outcome).toMatchObject({ code: 'CONFLICT', retryable: true });
  else expect(outcome).toEqual({ created: [], removed: [], provisioned: 2 });
  expect(stage.pids()).toHaveLength(2);
  await pool.remove('contested');
});
