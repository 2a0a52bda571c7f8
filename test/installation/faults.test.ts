/**
 * Faults of an installation on real servers: run.json and its like lost, damaged or wrong while all runs, parts that hang. Nothing
 * runs twice, all of ours is found, nothing else, and what hangs is said.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { isRunning, startTicksOf } from '../../adapters/nodes/local/processIdentity';
import { checks } from '../../cli/doctor/checks';
import { examinationCode } from '../../cli/doctor/examinationText';
import { examine } from '../../cli/doctor/examine';
import { withDoctorWorld } from '../../cli/doctor/withDoctorWorld';
import { configSchema } from '../../config/schema';
import { describeInstallation, describeParts } from '../../installation/describeInstallation';
import { type Installation, readInstallation } from '../../installation/installation';
import { findPort } from '../../installation/servers/ports';
import { stopProcess } from '../../installation/servers/process';
import { isSuspended } from '../../installation/servers/processTable';
import { startTemporalServer } from '../../installation/servers/temporalServer';
import { markedProcesses } from '../../installation/startedBy';
import { startInstallation } from '../../installation/startInstallation';
import { stopInstallation } from '../../installation/stopInstallation';
import { watchInstallation } from '../../installation/watchInstallation';
import { ownerUrl, plantDifferences } from '../support/plantDifferences';
import { stubWorkers } from '../support/stubWorkers';

jest.setTimeout(60_000);

const folder = mkdtempSync(join(tmpdir(), 'pam-lost-record-'));
const stateDir = join(folder, 'state');
const runFile = join(stateDir, 'run.json');
const workers = stubWorkers(folder);
let told: string[] = [];
const report = (line: string) => told.push(line);
const start = (where = stateDir) =>
  startInstallation(configSchema.parse({ stateDir: where }), report, { workers });
const pids = ({ processes }: Installation) =>
  Object.fromEntries(processes.map(({ name, pid }) => [name, pid]));
const lasting = ({ startedMs, ...rest }: Installation) => ({
  ...rest,
  processes: [...rest.processes].sort((a, b) => a.pid - b.pid),
});

let first: Installation;
let stranger: ChildProcess;
const strangerLives = () => stranger.exitCode === null && stranger.signalCode === null;

beforeAll(async () => {
  stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  first = await start();
});
beforeEach(() => {
  told = [];
});
afterAll(async () => {
  if (existsSync(stateDir)) await stopInstallation(stateDir, report, { purge: true });
  stranger.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** What a crash, a full disk, an editor or another version may leave of the file. */
const damages: Record<string, (text: string) => string | null> = {
  'is gone': () => null,
  'is empty': () => '',
  'is cut in the middle': (text) => text.slice(0, text.length / 2),
  'is no text': () => '\0\u0001\ufffd\0{{{',
  'is of another form': () => JSON.stringify({ version: 0, temporal: 'localhost:7233', processes: {} }),
  'names pids that are other processes by now': (text) => {
    const record = JSON.parse(text) as Installation;
    const pid = stranger.pid ?? 0;
    const startTicks = startTicksOf(pid);
    return JSON.stringify({
      ...record,
      processes: record.processes.map((one) => ({ ...one, pid, startTicks })),
    });
  },
};

test.each(Object.entries(damages))('run.json %s: a start keeps all that runs', async (_, damage) => {
  const text = damage(readFileSync(runFile, 'utf8'));
  if (text === null) rmSync(runFile);
  else writeFileSync(runFile, text);
  const { database, temporal, envoy, discovery } = readInstallation(stateDir) ?? first;
  expect({ database, temporal, envoy, discovery }).toEqual({
    database: first.database,
    temporal: first.temporal,
    envoy: first.envoy,
    discovery: first.discovery,
  });
  const again = await start();
  expect(lasting(again)).toEqual(lasting(first));
  expect(told.filter((line) => line.includes('already runs'))).toHaveLength(6);
  expect(readInstallation(stateDir)).toEqual(again);
  expect(strangerLives()).toBe(true);
});

test('each part suspended in turn: the status names it, and only it, and that it is well again', async () => {
  for (const { name, pid } of first.processes) {
    process.kill(pid, 'SIGSTOP');
    while (!isSuspended(pid)) await new Promise((resolve) => setTimeout(resolve, 5));
    const beganMs = Date.now();
    const { up, parts } = await describeInstallation(stateDir);
    expect(Date.now() - beganMs).toBeLessThan(6_000);
    expect(up).toBe(false);
    // Without the database the word of a worker is missing: these stubs ask Temporal for nothing.
    const others = name === 'postgres' ? parts.filter((part) => !part.name.endsWith('worker')) : parts;
    expect(others.filter(({ state }) => state !== 'up')).toEqual([
      expect.objectContaining({
        ...{ name, pid, state: 'hanging', sinceMs: expect.any(Number) },
        why: expect.stringContaining(`kill -CONT ${pid}`),
      }),
    ]);
    process.kill(pid, 'SIGCONT');
    expect((await describeInstallation(stateDir)).up).toBe(true);
  }
});

test('a server that accepts and never answers, or takes no writing, is not up', async () => {
  const sockets: Socket[] = [];
  const silent = createServer((socket) => sockets.push(socket));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const address = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const hanging = await describeParts(
    {
      ...first,
      temporal: { ...first.temporal, address, uiUrl: null },
      database: { url: `postgres://me:s3cret@${address}/pam`, ours: false },
      envoy: { ...first.envoy, listenUrl: `http://${address}` },
      discovery: { ...first.discovery, address },
    },
    1_000,
  );
  silent.close();
  for (const socket of sockets) socket.destroy();
  expect(hanging.map(({ name, state }) => `${name} ${state}`)).toEqual([
    ...['temporal hanging', 'postgres hanging', 'discovery hanging', 'envoy hanging'],
    ...['allocation worker failing', 'training worker failing'],
  ]);
  expect(JSON.stringify(hanging)).not.toContain('s3cret');

  const admin = new Client({ connectionString: ownerUrl(first) });
  await admin.connect();
  await admin.query('ALTER DATABASE pam SET default_transaction_read_only = on');
  const readOnly = await describeParts(first);
  await admin.query('SET default_transaction_read_only = off');
  await admin.query('ALTER DATABASE pam RESET default_transaction_read_only');
  await admin.end();
  expect(readOnly.find(({ name }) => name === 'postgres')).toMatchObject({
    state: 'failing',
    why: expect.stringContaining('takes no writing'),
  });
  expect((await describeInstallation(stateDir)).up).toBe(true);
});

test('a start replaces what hangs and keeps the rest', async () => {
  const hanging = first.processes.find(({ name }) => name === 'temporal');
  if (hanging === undefined) throw new Error('no Temporal on record');
  process.kill(hanging.pid, 'SIGSTOP');
  const again = await start();
  expect(told.join('\n')).toContain('temporal: hangs (a signal has suspended its process');
  expect({ ...pids(again), temporal: 0 }).toEqual({ ...pids(first), temporal: 0 });
  expect((await describeInstallation(stateDir)).up).toBe(true);
  first = again;
});

test('what died meanwhile is started again, once, at its address', async () => {
  const died = first.processes.filter(({ name }) => /temporal|training/.test(name));
  for (const { pid } of died) process.kill(pid, 'SIGKILL');
  writeFileSync(runFile, '');
  while (died.some(isRunning)) await new Promise((resolve) => setTimeout(resolve, 20));
  const again = await start();
  expect(again.database).toEqual(first.database);
  expect(pids(again)).toMatchObject({
    postgres: pids(first).postgres,
    envoy: pids(first).envoy,
    'allocation worker': pids(first)['allocation worker'],
  });
  expect(again.processes).toHaveLength(7);
  expect(again.processes.every(isRunning)).toBe(true);
  first = again;
});

const examination = (repair = false) =>
  withDoctorWorld(
    configSchema.parse({ stateDir }),
    () => start(),
    (world) => examine(world, checks, { repair, againMs: 100 }),
  );
const found = async (repair = false) =>
  (await examination(repair)).findings.map(({ check, what }) => `${check}: ${what}`);

test('the doctor finds nothing where nothing is wrong, and looks at everything', async () => {
  const healthy = await examination();
  expect(healthy.findings).toEqual([]);
  expect(healthy.checks.filter(({ unseen }) => unseen !== null)).toEqual([]);
  expect(examinationCode(healthy)).toBe(0);
});

test('the doctor finds each planted difference, mends what it may, and then finds nothing', async () => {
  const planted = await plantDifferences(first);
  await planted.stopEnvoy();
  writeFileSync(runFile, '{"stateDir":');
  chmodSync(runFile, 0o644);
  const { orphan, unknown, unrouted } = planted;
  try {
    const differences = await found();
    for (const expected of [
      `permissions: ${runFile}: others may read it (mode 644)`,
      `record: ${runFile}: it is damaged`,
      'parts: envoy is down',
      `processes: process ${orphan.pid} `,
      'workflows: category "shop" is on record as running and its workflow does not run',
      'nodes: node dead of "shared" is on record and its process (pid 1) is gone',
      `nodes: process ${unknown.pid} is node shared/unknown and no record tells of it`,
      'routes: node unrouted of "shared" runs and the proxy is not told of it',
      'routes: the proxy has node gone for "shared", and its pool has no such node',
      'measurement: nothing has been decided for category "shop" yet',
      'measurement: nothing has been measured for category "shop" yet',
    ])
      expect(differences).toContainEqual(expect.stringContaining(expected));
    expect(differences).toHaveLength(11);

    const repaired = await examination(true);
    expect(repaired.findings.filter((one) => one.repairable && one.repaired === null)).toEqual([]);
    expect(repaired.findings.filter((one) => !one.repairable).map(({ check }) => check)).toEqual([
      ...['measurement', 'measurement'],
    ]);
    expect(examinationCode(repaired)).toBe(1);
    expect(await found()).toEqual([]);
    expect([orphan, unknown].map(({ signalCode }) => signalCode)).toEqual(['SIGTERM', 'SIGTERM']);
    expect(unrouted.signalCode ?? unrouted.exitCode).toBeNull();
    first = readInstallation(stateDir) ?? first;

    // What only a person can decide is said and left; the schema is mended.
    await planted.leaveAPool();
    const left = await found(true);
    for (const expected of [
      'schema: the database lacks the migrations 0006_doctor',
      'pools: the pool of "left" has 2 nodes and no such category runs',
      'pools: the change of the pool of "left" has not come to its end for 60 min',
      'stacks: the stack of "left"',
    ])
      expect(left).toContainEqual(expect.stringContaining(expected));
    await planted.remove();
    // The table of the workers' words was made anew: each says the next one within three seconds.
    let after = await found();
    for (const endMs = Date.now() + 10_000; after.length > 0 && Date.now() < endMs; ) after = await found();
    expect(after).toEqual([]);
  } finally {
    await planted.remove();
  }
});

test('two starts at once, one by a link to the folder, the record lost: one is refused or both say the same', async () => {
  const link = join(folder, 'link');
  symlinkSync(stateDir, link);
  rmSync(runFile);
  const [one, two] = await Promise.allSettled([start(), start(link)]);
  for (const outcome of [one, two])
    if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'CONFLICT' });
    else expect(pids(outcome.value)).toEqual(pids(first));
  expect([one.status, two.status]).toContain('fulfilled');
  rmSync(runFile);
  expect(pids(await start(link))).toEqual(pids(first));
});

test('a second part of a kind ends, the one on record stays', async () => {
  const record = first.processes.find(({ name }) => name === 'training worker');
  const environment = readFileSync(`/proc/${record?.pid}/environ`, 'utf8').split('\0').filter(Boolean);
  const double = spawn(process.execPath, ['--enable-source-maps', join(workers, 'training.js')], {
    stdio: 'ignore',
    env: Object.fromEntries(
      environment.map((setting) => [setting.split('=')[0], setting.slice(setting.indexOf('=') + 1)]),
    ),
  });
  await new Promise((resolve) => double.once('spawn', resolve));
  expect(pids(await start())).toEqual(pids(first));
  expect(told.join('\n')).toContain(`training worker: a second one runs (pid ${double.pid})`);
  expect(double.signalCode ?? double.exitCode).not.toBeNull();
});

test('the record lost: a stop ends all that is ours within seconds and nothing else', async () => {
  writeFileSync(runFile, '{"processes":[');
  const beganMs = Date.now();
  expect(await stopInstallation(stateDir, report)).toBe(7);
  expect(Date.now() - beganMs).toBeLessThan(10_000);
  expect(markedProcesses(stateDir)).toEqual([]);
  expect(first.processes.some(isRunning)).toBe(false);
  expect(strangerLives()).toBe(true);
  expect(await stopInstallation(stateDir, report)).toBe(0);
});

test('a stop during a start, then Ctrl-C: the stop is refused, the start leaves nothing', async () => {
  const interrupt = new AbortController();
  const slow = stubWorkers(folder, 'setInterval(() => {}, 1000)');
  const starting = startInstallation(configSchema.parse({ stateDir }), report, {
    workers: slow,
    signal: interrupt.signal,
  });
  const outcome = starting.then(
    () => 'started',
    (error: Error) => error.message,
  );
  while (!told.includes('allocation worker: starting'))
    await new Promise((resolve) => setTimeout(resolve, 20));
  await expect(stopInstallation(stateDir, report)).rejects.toMatchObject({ code: 'CONFLICT' });
  interrupt.abort(new Error('interrupted'));
  expect(await outcome).toBe('interrupted');
  expect(markedProcesses(stateDir)).toEqual([]);
  await expect(stopInstallation(stateDir, report)).resolves.toBe(0);
});

test('a server that someone else started on the data: refused, by name, and left alone', async () => {
  const binary = process.env.PAM_TEMPORAL ?? '';
  const file = join(stateDir, 'temporal', 'temporal.db');
  const other = await startTemporalServer({
    ...{ binary, file, port: await findPort(), uiPort: null, namespace: 'default' },
    log: join(folder, 'other.log'),
  });
  try {
    await expect(start()).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining(`${file} is in use by process ${other.pid}`),
    });
    expect(isRunning(other)).toBe(true);
    expect(markedProcesses(stateDir)).toEqual([]);
  } finally {
    await stopProcess(other, 'SIGTERM', 5_000);
  }
});

test('every small file of the installation emptied while it is stopped: it starts, data are there', async () => {
  const before = await start();
  const client = new Client({ connectionString: ownerUrl(before) });
  await client.connect();
  await client.query("INSERT INTO pam.imports (file, shape, rows, bad_rows) VALUES ('kept', 'x', 1, 0)");
  await client.end();
  await stopInstallation(stateDir, report);
  mkdirSync(join(stateDir, 'nodes', 'checkout'), { recursive: true });
  for (const file of [
    ...[
      'run.json',
      'postgres/password',
      'postgres/password-runtime',
      'postgres/data/postmaster.pid',
      'discovery/envoy.json',
    ],
    ...['nodes/checkout/a.json', 'envoy.lock', 'temporal/temporal.db.lock'],
  ])
    writeFileSync(join(stateDir, file), '');
  first = await start();
  const again = new Client({ connectionString: ownerUrl(first) });
  await again.connect();
  expect((await again.query('SELECT file FROM pam.imports')).rows).toEqual([{ file: 'kept' }]);
  await again.end();
  expect(told.join('\n')).toContain('the server denies the password on file');
});

test('watched, it starts again what was killed or hangs, leaves off after a stop, and stops nothing when it ends', async () => {
  const interrupt = new AbortController();
  const times = { everyMs: 100, backOffMs: 10, longestMs: 100 };
  const watch = (signal: AbortSignal) =>
    watchInstallation(configSchema.parse({ stateDir }), report, { workers, signal }, times);
  const watching = watch(interrupt.signal);
  const before = pids(first);
  const pidOf = (name: string) => pids(readInstallation(stateDir) ?? first)[name];
  const becomesAnother = async (name: string) => {
    const old = pidOf(name);
    for (let tries = 0; tries < 600 && pidOf(name) === old; tries++)
      await new Promise((resolve) => setTimeout(resolve, 50));
    expect(pidOf(name)).not.toBe(old);
  };
  process.kill(before.envoy ?? Number.NaN, 'SIGKILL');
  await becomesAnother('envoy');
  process.kill(before['training worker'] ?? Number.NaN, 'SIGSTOP');
  await becomesAnother('training worker');
  expect(pidOf('temporal')).toBe(before.temporal);
  // A start that is interrupted takes back what it has begun.
  for (let tries = 0; tries < 100 && !(await describeInstallation(stateDir)).up; tries++);
  interrupt.abort();
  expect(await watching).toBe('interrupted');
  expect((await describeInstallation(stateDir)).up).toBe(true);

  const again = watch(new AbortController().signal);
  await stopInstallation(stateDir, report);
  expect(await again).toBe('stopped');
  expect(markedProcesses(stateDir)).toEqual([]);
});
