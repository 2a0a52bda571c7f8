/** A whole installation on real servers, with workers that only say that they are ready: start, crash, restart, stop. */
import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { startTicksOf } from '../../adapters/nodes/local/processIdentity';
import { type Config, configSchema } from '../../config/schema';
import { describeInstallation } from '../../installation/describeInstallation';
import { type Installation, readInstallation, writeInstallation } from '../../installation/installation';
import { withInstallation } from '../../installation/runningConfig';
import { answers, portOf } from '../../installation/servers/ports';
import { markedProcesses } from '../../installation/startedBy';
import { startInstallation } from '../../installation/startInstallation';
import { withStateLock } from '../../installation/stateLock';
import { stopInstallation } from '../../installation/stopInstallation';
import { openPaths, statePathsThatMayBeOpen } from '../support/openPaths';
import { readyScript, stubWorkers } from '../support/stubWorkers';

jest.setTimeout(60_000);

// mkdtemp closes the folder to others: as root, PostgreSQL's user can't reach what lies in it.
const folder = mkdtempSync(join(tmpdir(), 'pam-installation-'));
const stateDir = join(folder, 'state');
let told: string[] = [];
const report = (line: unknown) => told.push(String(line));
const config = (settings: object = {}): Config => configSchema.parse({ stateDir, ...settings });

const orphan = `require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {detached: true, stdio: 'ignore'}).unref();`;

const workersThat = (allocation: string, training: string) => stubWorkers(folder, allocation, training);
const workers = workersThat(orphan + readyScript, readyScript);

const pids = (installation: Installation) =>
  Object.fromEntries(installation.processes.map(({ name, pid }) => [name, pid]));

function pidOf(installation: Installation, name: string): number {
  const record = installation.processes.find((one) => one.name === name);
  // Never a default: a signal to process 0 goes to everyone around us.
  if (record === undefined) throw new Error(`no ${name} on record`);
  return record.pid;
}

beforeEach(() => {
  told = [];
});
afterAll(async () => {
  if (existsSync(stateDir))
    await stopInstallation(stateDir, report, { purge: existsSync(join(stateDir, 'run.json')) });
  rmSync(folder, { recursive: true, force: true });
});

describe('one after the other', () => {
  let first: Installation;

  test('a start ends with every part up, reachable and on record, and secrets to itself', async () => {
    first = await startInstallation(config(), report, { workers });
    const description = await describeInstallation(stateDir);
    expect(description.parts.map(({ name, state, kind }) => `${name} ${state} ${kind}`)).toEqual([
      'temporal up ours',
      'temporal ui up ours',
      'postgres up ours',
      'discovery up ours',
      'envoy up ours',
      'allocation worker up ours',
      'training worker up ours',
    ]);
    expect(description).toMatchObject({ up: true, entry: first.envoy.listenUrl });
    expect((await fetch(first.temporal.uiUrl ?? '')).status).toBe(200);
    expect((await fetch(`${first.envoy.adminUrl}/ready`)).status).toBe(200);
    expect(await answers('127.0.0.1', portOf(first.envoy.listenUrl))).toBe(true);
    const client = new Client({ connectionString: first.database.url });
    await client.connect();
    const { rows } = await client.query(
      "SELECT count(*)::int AS tables FROM pg_tables WHERE schemaname = 'pam'",
    );
    await client.end();
    expect(rows[0].tables).toBeGreaterThan(5);
    const password = new URL(first.database.url).password;
    expect(JSON.stringify(description) + told.join('\n')).not.toContain(password);
    expect(statSync(join(stateDir, 'run.json')).mode & 0o077).toBe(0);
    expect(openPaths(stateDir, statePathsThatMayBeOpen)).toEqual([]);
  });

  test('what other commands work with are these addresses, unless the configuration names others', () => {
    const filled = withInstallation(config({ temporal: { address: 'mine:1' } }));
    expect(filled.temporal.address).toBe('mine:1');
    expect(filled.database.url).toBe(first.database.url);
    expect(filled.envoy).toMatchObject({ adminUrl: first.envoy.adminUrl });
    expect(filled.discovery.listen).toBe(first.discovery.address);
  });

  test('a second start keeps what runs, and closes what an earlier version left open', async () => {
    // Not the database: SQLite gives its rights to a journal that comes and goes.
    chmodSync(join(stateDir, 'logs', 'temporal.log'), 0o644);
    chmodSync(stateDir, 0o755);
    const second = await startInstallation(config(), report, { workers });
    expect(pids(second)).toEqual(pids(first));
    expect(openPaths(stateDir, statePathsThatMayBeOpen)).toEqual([]);
    expect(told.join()).toMatch(/closed 2 files and folders of .* to other users/);
  });

  test('what died is started again at the same address, the rest is kept', async () => {
    const before = pids(first);
    for (const name of ['allocation worker', 'temporal', 'postgres'])
      process.kill(pidOf(first, name), 'SIGKILL');
    for (const name of ['allocation worker', 'temporal', 'postgres'])
      while (startTicksOf(pidOf(first, name)) !== null)
        await new Promise((resolve) => setTimeout(resolve, 20));
    const { up, parts } = await describeInstallation(stateDir);
    expect(up).toBe(false);
    expect(parts.filter(({ state }) => state === 'down').map(({ name }) => name)).toEqual([
      'temporal',
      'postgres',
      'allocation worker',
    ]);
    const again = await startInstallation(config(), report, { workers });
    expect({ ...again, processes: [], startedMs: 0 }).toEqual({ ...first, processes: [], startedMs: 0 });
    const after = pids(again);
    expect(after.envoy).toBe(before.envoy);
    expect(after['training worker']).toBe(before['training worker']);
    expect(after.temporal).not.toBe(before.temporal);
    expect((await describeInstallation(stateDir)).up).toBe(true);
  });

  test('other settings replace the workers and nothing else', async () => {
    const before = pids(readInstallation(stateDir) ?? first);
    const after = pids(await startInstallation(config({ log: { level: 'info' } }), report, { workers }));
    expect(after['training worker']).not.toBe(before['training worker']);
    expect(after.postgres).toBe(before.postgres);
  });

  test('stop leaves no process, not even unrecorded ones, and takes no stranger with a pid on record', async () => {
    const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    try {
      const installation = readInstallation(stateDir) ?? first;
      writeInstallation({
        ...installation,
        processes: installation.processes.map((record) =>
          record.name === 'envoy' ? { ...record, pid: stranger.pid ?? 0 } : record,
        ),
      });
      await stopInstallation(stateDir, report);
      expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
    } finally {
      stranger.kill('SIGKILL');
    }
    expect(markedProcesses(stateDir)).toEqual([]);
    expect(told.join('\n')).toMatch(/more processes that were not recorded/);
    for (const address of [first.temporal.address, new URL(first.database.url).host, first.envoy.listenUrl])
      expect(await answers('127.0.0.1', portOf(address))).toBe(false);
    expect(readInstallation(stateDir)?.processes).toEqual([]);
    expect(await stopInstallation(stateDir, report)).toBe(0);
  });

  test('when one part fails, what was started with it is stopped again and its last words are told', async () => {
    const failing = workersThat(readyScript, `console.error('no such queue'); process.exit(3)`);
    await expect(startInstallation(config(), report, { workers: failing })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(/training worker ended while starting.*no such queue/s),
    });
    expect(markedProcesses(stateDir)).toEqual([]);
    expect(readInstallation(stateDir)?.processes).toEqual([]);
  });

  test('an interrupted start leaves nothing behind', async () => {
    const interrupt = new AbortController();
    const slow = workersThat('setInterval(() => {}, 1000)', readyScript);
    const starting = startInstallation(config(), report, { workers: slow, signal: interrupt.signal });
    setTimeout(() => interrupt.abort(new Error('interrupted')), 1_500);
    await expect(starting).rejects.toThrow('interrupted');
    expect(markedProcesses(stateDir)).toEqual([]);
  });

  test('two at once: the second is refused, whether it starts or stops', async () => {
    const busy = { code: 'CONFLICT', message: expect.stringContaining(stateDir) };
    // Held here and not by a start or stop of ours: how long those take depends on the machine.
    await withStateLock(stateDir, async () => {
      await expect(startInstallation(config(), report, { workers })).rejects.toMatchObject(busy);
      await expect(stopInstallation(stateDir, report)).rejects.toMatchObject(busy);
    });
    expect(markedProcesses(stateDir)).toEqual([]);
  });

  test('existing servers are used and survive', async () => {
    const temporal = { address: process.env.TEMPORAL_ADDRESS };
    const name = `embedded_${process.pid}`;
    const admin = new Client({ connectionString: process.env.DATABASE_URL });
    admin.on('error', report);
    await admin.connect();
    await admin.query(`CREATE DATABASE ${name}`);
    const url = new URL(process.env.DATABASE_URL ?? '');
    url.pathname = name;
    const started = await startInstallation(config({ temporal, database: { url: url.href } }), report, {
      workers,
    });
    expect(Object.keys(pids(started)).sort()).toEqual([
      'allocation worker',
      'discovery',
      'envoy',
      'training worker',
    ]);
    const { parts } = await describeInstallation(stateDir);
    expect(parts.slice(0, 2).map(({ state, kind }) => `${state} ${kind}`)).toEqual([
      'up existing',
      'up existing',
    ]);
    await stopInstallation(stateDir, report);
    expect(await answers('127.0.0.1', portOf(process.env.TEMPORAL_ADDRESS))).toBe(true);
    await admin.query(`DROP DATABASE ${name}`);
    await admin.end();
  });

  test('an existing server that does not answer is named, without its password', async () => {
    const url = 'postgres://me:s3cret@127.0.0.1:1/x';
    const failing = startInstallation(config({ database: { url } }), report, { workers });
    await expect(failing).rejects.toThrow(/postgres:\/\/me:\*\*\*@127\.0\.0\.1:1\/x.*DATABASE_URL/);
    expect(markedProcesses(stateDir)).toEqual([]);
  });

  test('purge deletes the state and what lay elsewhere, and no folder that is not one', async () => {
    const elsewhere = /the data are kept in (\S+)/.exec(readFileSync(join(folder, 'told'), 'utf8'))?.[1];
    await stopInstallation(stateDir, report, { purge: true });
    expect(existsSync(stateDir)).toBe(false);
    if (elsewhere !== undefined) expect(existsSync(elsewhere)).toBe(false);
    const precious = join(folder, 'precious');
    mkdirSync(precious);
    await expect(stopInstallation(precious, report, { purge: true })).rejects.toThrow(/not deleted/);
    expect(existsSync(precious)).toBe(true);
  });

  afterEach(() => writeFileSync(join(folder, 'told'), `${told.join('\n')}\n`, { flag: 'a' }));
});
