/** What is on record of nodes that run is lost, old or wrong: they go on serving, and nobody is made or ended for it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { openNodePool } from '../../../../adapters/nodes';
import type { OpenNodePool } from '../../../../adapters/nodes/pool';
import type { Database } from '../../../../adapters/postgres';
import { processIdentity } from '../../../../workers/identity';
import { memoryRoutingTable } from '../../../support/memoryRoutingTable';
import { nodeStage, requiredTool, poolSpec as spec, until } from '../../../support/nodeStage';
import { suiteDatabase } from '../../../support/suiteDatabase';

jest.setTimeout(60_000);

const stage = nodeStage();
const { stateDir, builtInNode } = stage;
const routing = memoryRoutingTable();
let database: Database;
let admin: Client;
let pool: OpenNodePool;
const said: string[] = [];
const strangers: ChildProcess[] = [];
suiteDatabase((opened, url) => {
  database = opened;
  admin = new Client({ connectionString: url });
});
const backend = join(stateDir, 'pulumi', 'state');
const wanted = (nodes: number) => spec('kept', nodes);
const pids = (): number[] => stage.pids().sort((a, b) => a - b);
const routable = (count: number): Promise<void> =>
  until(`${count} routable`, async () => (await pool.observe('kept')).routable === count);
/** One node more is made, and all that ran go on. */
async function oneMore(): Promise<void> {
  const before = (await database.localNodes.list('kept'))
    .filter(({ drainUntilMs }) => drainUntilMs === null)
    .map(({ pid }) => pid);
  const nodes = before.length + 1;
  const change = await pool.reconcile(wanted(nodes));
  expect(change).toMatchObject({ removed: [], provisioned: nodes });
  expect(change.created).toHaveLength(1);
  expect(pids()).toEqual(expect.arrayContaining(before));
  await routable(nodes);
}
const unchanged = (provisioned: number) => ({ created: [], removed: [], provisioned });
const repairs = async (): Promise<string> =>
  (await database.troubles.repairsSince('kept', 0)).map(({ what }) => what).join('\n');

beforeAll(async () => {
  admin.on('error', () => undefined);
  await admin.connect();
  pool = await openNodePool({
    ...{ ...database, stateDir, builtInNode, routing },
    ...{ holder: processIdentity(), pulumiBinary: requiredTool('PAM_PULUMI'), now: Date.now },
    report: (line) => said.push(line),
  });
  await pool.reconcile(wanted(2));
  cpSync(backend, `${backend}-old`, { recursive: true });
  await pool.reconcile(wanted(3));
  await routable(3);
});
afterEach(async () => {
  await admin.query('DELETE FROM pam.pool_repairs');
  said.length = 0;
});
afterAll(async () => {
  for (const stranger of strangers) stranger.kill('SIGKILL');
  await pool?.close();
  await admin?.end();
  await stage.close();
});

test.each([
  ['the whole backend', () => rmSync(backend, { recursive: true })],
  ['one stack', () => rmSync(join(backend, '.pulumi/stacks/pam/kept.json'))],
  [
    'the changes since an older backup',
    () => {
      rmSync(backend, { recursive: true });
      cpSync(`${backend}-old`, backend, { recursive: true });
    },
  ],
  ['the folder that Pulumi works in', () => rmSync(join(stateDir, 'pulumi', 'work'), { recursive: true })],
])('Pulumi has lost %s: no node is drained, the next change makes what is missing', async (_what, lose) => {
  const before = pids();
  lose();
  expect(await pool.reconcile(wanted(before.length))).toEqual(unchanged(before.length));
  await oneMore();
});

test.each([
  ['the rows of nodes', 'DELETE FROM pam.local_nodes', 'no record told of it'],
  ['the row of the ledger', 'DELETE FROM pam.pools', 'the ledger did not know of 7 nodes'],
  ['both', 'DELETE FROM pam.local_nodes; DELETE FROM pam.pools', 'no record told of it'],
  [
    'nothing, but the rows name another machine',
    "UPDATE pam.local_nodes SET machine = 'elsewhere'",
    'no record told of it',
  ],
  [
    'nothing, but the rows name processes that are others by now',
    `UPDATE pam.local_nodes SET pid = ${process.pid}, start_ticks = 1`,
    'no record told of it',
  ],
  ['nothing, but the rows say that all have ended', 'UPDATE pam.local_nodes SET ended = true', 'no record'],
])('PostgreSQL has lost %s: the nodes are taken over as they are', async (_what, lose, words) => {
  const before = pids();
  const nodes = before.length;
  const ids = (await pool.observe('kept')).nodes.map(({ id }) => id).sort();
  await admin.query(lose);
  expect(await pool.reconcile(wanted(nodes))).toEqual(unchanged(nodes));
  expect(pids()).toEqual(before);
  await routable(nodes);
  expect((await pool.observe('kept')).nodes.map(({ id }) => id).sort()).toEqual(ids);
  expect((await routing.endpoints('kept')).map(({ id }) => id).sort()).toEqual(ids);
  expect(await repairs()).toContain(words);
  expect(said.join('\n')).toContain(words);
});

test('a look at a pool whose rows are lost finds its nodes', async () => {
  await admin.query('DELETE FROM pam.local_nodes');
  expect(await pool.observe('kept')).toMatchObject({ provisioned: 7, routable: 7 });
});

test('all is lost, fewer are wanted: what is found goes step by step, never below what is wanted', async () => {
  const rows = await database.localNodes.list('kept');
  rmSync(backend, { recursive: true });
  rmSync(join(stateDir, 'nodes'), { recursive: true });
  await admin.query('DELETE FROM pam.local_nodes; DELETE FROM pam.pools');
  expect(await pool.reconcile(wanted(3))).toMatchObject({ created: [], provisioned: 6 });
  expect(await repairs()).toMatch(/3 of 4 nodes that are not wanted any more stay for now: at most 1 of 7/);
  // Two do not serve: they go, and of the others none as long as fewer than wanted would serve.
  const hung = (await pool.observe('kept')).nodes.slice(0, 2).map(({ id }) => id);
  const pidsOfHung = rows.filter(({ id }) => hung.includes(id)).map(({ pid }) => pid!);
  for (const pid of pidsOfHung) process.kill(pid, 'SIGSTOP');
  await routable(4);
  const { removed } = await pool.reconcile(wanted(3));
  expect(removed).toEqual(expect.arrayContaining(hung));
  expect(removed).toHaveLength(3);
  for (const pid of pidsOfHung) process.kill(pid, 'SIGKILL');
  await routable(3);
  await until('the others are gone', async () => (await database.localNodes.list('kept')).length === 3);
});

test('processes of others are left alone, whatever they claim; what is there twice ends', async () => {
  const node = (await database.localNodes.list('kept')).find(({ drainUntilMs }) => drainUntilMs === null);
  const environment = Object.fromEntries(
    readFileSync(`/proc/${node!.pid}/environ`, 'utf8')
      .split('\0')
      .filter((line) => line.includes('='))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
  const claim = (change: Record<string, string>, options = {}): ChildProcess => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
      ...{ detached: true, stdio: 'ignore', env: { ...environment, ...change } },
      ...options,
    });
    strangers.push(child);
    return child;
  };
  const running = (child: ChildProcess): boolean => child.exitCode === null && child.signalCode === null;
  const others = [claim({ PAM_STATE: `${stateDir}-other` })];
  // Only root may start a process of another user, and only root could be fooled by one.
  if (process.getuid?.() === 0) others.push(claim({ PAM_NODE_ID: 'intruder' }, { uid: 65_534 }));
  const twin = claim({});
  const nodes = pids().length - others.length;
  await admin.query('UPDATE pam.pools SET phase = $1', ['updating']);
  await pool.reconcile(wanted(nodes));
  await until('the twin has ended', () => !running(twin));
  expect(others.map(running)).toEqual(others.map(() => true));
  expect((await database.localNodes.list('kept')).map(({ id }) => id)).not.toContain('intruder');
  expect((await database.localNodes.get('kept', node!.id))?.pid).toBe(node!.pid);
  for (const other of others) other.kill('SIGKILL');
  await until('they have ended', () => pids().length === nodes);
});

describe('the state file of one stack', () => {
  const file = join(backend, '.pulumi/stacks/pam/kept.json');
  const bak = `${file}.bak`;
  const whole = (): string => readFileSync(file, 'utf8');
  const history = join(backend, '.pulumi/history/pam/kept');
  const kinds: [string, () => void, RegExp][] = [
    ['is empty', () => writeFileSync(file, ''), /it is empty\): restored from its backup/],
    [
      'is half written',
      () => writeFileSync(file, whole().slice(0, 700)),
      /its end is missing\): restored from its backup/,
    ],
    [
      'is garbage, and so is its backup',
      () => {
        writeFileSync(file, Buffer.from([0, 255, 254, 7, 0, 1]));
        writeFileSync(bak, '{');
      },
      /it is not text\): restored from the last state in its history/,
    ],
    [
      'is a folder, and there is no copy',
      () => {
        rmSync(file);
        mkdirSync(join(file, 'inner'), { recursive: true });
        rmSync(bak, { force: true });
        rmSync(history, { recursive: true });
      },
      /a folder is in its place\) and there was no copy: it is made anew/,
    ],
    [
      'is of another version',
      () => writeFileSync(file, whole().replace('"version":3', '"version":99')),
      /another version of Pulumi/,
    ],
    [
      'looks well and is not',
      () =>
        writeFileSync(
          file,
          whole().replace(/"urn":"urn:pulumi:kept::pam::pulumi:pulumi:Stack/, '"urn":"nonsense'),
        ),
      /could not be used/,
    ],
  ];
  test.each(kinds)('%s: its category goes on, and it is said', async (_what, damage, words) => {
    damage();
    await oneMore();
    expect(await repairs()).toMatch(words);
    expect(await repairs()).not.toMatch(/failed to load checkpoint|JSON/);
  });

  test('is locked by a command that nobody runs any more', async () => {
    const locks = join(backend, '.pulumi/locks/organization/pam/kept');
    mkdirSync(locks, { recursive: true });
    writeFileSync(
      join(locks, 'left.json'),
      '{"pid":1,"username":"x","hostname":"y","timestamp":"2026-01-01T00:00:00Z"}',
    );
    writeFileSync(join(locks, 'torn.json'), '');
    await oneMore();
    expect(await repairs()).toMatch(/a lock .* was left behind: lifted/);
  });

  test('and the format file of the backend is empty', async () => {
    writeFileSync(join(backend, '.pulumi/meta.yaml'), '');
    await oneMore();
  });
});

test('a survey finds every difference and nothing else; a repair mends what needs no new node', async () => {
  expect(await pool.survey()).toEqual([]);
  const [node] = await database.localNodes.list('kept');
  await admin.query('DELETE FROM pam.local_nodes WHERE id = $1', [node!.id]);
  await routing.removeEndpoint('kept', node!.id);
  writeFileSync(join(backend, '.pulumi/stacks/pam/kept.json'), '');
  const found = await pool.survey('kept');
  expect(found.map(({ part, id }) => [part, id])).toEqual([
    ['nodes', node!.id],
    ['nodes', node!.id],
    ['stack', null],
  ]);
  expect(await pool.repair('kept')).toHaveLength(3);
  expect(await pool.survey()).toEqual([]);
});
