/** One leader at a time among real processes over a real PostgreSQL: killed, stopped, frozen, failing. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { type Database, migrate, openDatabase } from '../../adapters/postgres';
import { leadOrFollow } from '../../workers/leadership';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { until } from '../support/nodeStage';

let server: TestDatabase;
let database: Database;
const children: Follower[] = [];

beforeAll(async () => {
  server = await createTestDatabase();
  await migrate(server.url);
  database = await openDatabase({ url: server.url });
}, 60_000);
afterEach(async () => {
  for (const { child } of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }
});
afterAll(async () => {
  await database?.close();
  await server?.drop();
});

interface Follower {
  readonly child: ChildProcess;
  readonly said: string[];
}

function start(name: string): Follower {
  const register = resolve(__dirname, '../support/compileTypeScript.js');
  const program = resolve(__dirname, '../support/leadUntilKilled.ts');
  const child = spawn(process.execPath, ['-r', register, program, server.url, name], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said: string[] = [];
  if (child.stdout !== null) createInterface(child.stdout).on('line', (line) => said.push(line));
  children.push({ child, said });
  return { child, said };
}

/** Two processes, the first of which leads. */
async function startTwo(name: string): Promise<[Follower, Follower]> {
  const first = start(name);
  await until('the first leads', () => first.said.includes('leads'), 30_000);
  const second = start(name);
  await until('the second follows', () => second.said.includes('follows'), 30_000);
  expect(second.said).toEqual(['follows']);
  return [first, second];
}

/** How long `follower` takes from now until it leads, ms. */
async function takeOver(follower: Follower): Promise<number> {
  const beganMs = performance.now();
  await until('the second leads', () => follower.said.includes('leads'), 30_000);
  return performance.now() - beganMs;
}

test('kill -9 of the leader: the other leads within 5 seconds', async () => {
  const [first, second] = await startTwo('killed');
  first.child.kill('SIGKILL');
  expect(await takeOver(second)).toBeLessThan(5_000);
}, 90_000);

test('a leader that stops in order frees the lease: the other need not wait until it runs out', async () => {
  const [first, second] = await startTwo('stopped');
  first.child.kill('SIGTERM');
  expect(await takeOver(second)).toBeLessThan(3_500);
  await until('the first has ended', () => first.child.exitCode === 0);
  expect(first.said).toEqual(['leads', 'stopped']);
}, 90_000);

test('a leader that was only slow: the other leads, and the task of the slow one is stopped', async () => {
  const [first, second] = await startTwo('slow');
  first.child.kill('SIGSTOP');
  await takeOver(second);
  expect(first.said).toEqual(['leads']);
  first.child.kill('SIGCONT');
  await until('the slow one has stopped', () => first.said.includes('stopped'), 10_000);
  // It follows now; the other goes on.
  expect(first.said).toEqual(['leads', 'stopped']);
  second.child.kill('SIGKILL');
  await until('it leads again', () => first.said.length > 2 && first.said.includes('follows'), 10_000);
  await until('it leads again', () => first.said.at(-1) === 'leads', 10_000);
}, 90_000);

test('a task that fails is logged and tried again; an error of the store too', async () => {
  const warned: unknown[] = [];
  const logger = { info: () => undefined, warn: (error: unknown) => warned.push(error) };
  const stop = new AbortController();
  let stores = 0;
  const leases = {
    whileHeld: (async (...call) => {
      if (stores++ === 0) throw new Error('the store is away');
      return database.leases.whileHeld(...call);
    }) as Database['leases']['whileHeld'],
  };
  let runs = 0;
  const run = async (): Promise<void> => {
    if (runs++ === 0) throw new Error('the task failed');
    stop.abort();
  };
  await leadOrFollow({ leases, holder: 'test', logger }, { name: 'failing', run }, stop.signal);
  expect(runs).toBe(2);
  expect(warned.map(String)).toEqual([
    expect.stringContaining('the store is away'),
    expect.stringContaining('the task failed'),
  ]);
  // Freed after it was stopped.
  expect(await database.leases.acquire('leader:failing', 'next', 1_000)).not.toBeNull();
}, 60_000);
