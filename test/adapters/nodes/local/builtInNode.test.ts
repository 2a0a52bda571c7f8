import { type ChildProcess, spawn } from 'node:child_process';
import { freePort } from '../../../../adapters/nodes/local/freePort';
import { nodeStage, until } from '../../../support/nodeStage';

const stage = nodeStage();
const running: ChildProcess[] = [];
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
});
afterAll(() => stage.close());

async function start(
  env: Record<string, string>,
): Promise<{ child: ChildProcess; url: string; tookMs: number }> {
  const port = await freePort('127.0.0.1', new Set(), Math.random);
  const startMs = performance.now();
  const child = spawn(process.execPath, [stage.builtInNode], {
    env: {
      ...{ PATH: process.env.PATH, PORT: String(port), PAM_NODE_ID: 'n1', PAM_CATEGORY: 'c' },
      ...{ PAM_SERVICE_HEADER_MS: '10000', ...env },
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.push(child);
  await new Promise((listening) => child.stdout?.once('data', listening));
  return { child, url: `http://127.0.0.1:${port}`, tookMs: performance.now() - startMs };
}
const statusOf = async (url: string, headers: Record<string, string> = {}): Promise<number> =>
  (await fetch(url, { headers })).status;
const slow = (ms: number): Record<string, string> => ({ 'x-service-ms': String(ms) });
interface Load {
  busySlotSeconds: number;
  concurrency: number;
  inFlight: number;
  queued: number;
  served: number;
  refused: number;
}
const loadOf = async (url: string): Promise<Load> => (await (await fetch(`${url}/load`)).json()) as Load;

test('is unhealthy and refuses while it boots, then serves', async () => {
  const { url } = await start({ PAM_BOOT_MS: '500', PAM_SERVICE_MS: '5' });
  expect(await statusOf(`${url}/healthz`)).toBe(503);
  expect(await statusOf(`${url}/work`)).toBe(503);
  await until('healthy', async () => (await statusOf(`${url}/healthz`)) === 200);
  expect(await statusOf(`${url}/work`)).toBe(200);
});

test('works on as many requests as it has slots, queues the rest in order and refuses what is beyond the queue', async () => {
  const { url } = await start({ PAM_CONCURRENCY: '2', PAM_QUEUE: '2' });
  const order: number[] = [];
  const sent: Promise<number>[] = [];
  for (let index = 0; index < 4; index += 1) {
    const reply = statusOf(`${url}/${index}`, slow(300));
    reply.then(() => order.push(index));
    sent.push(reply);
    await until('it has arrived', async () => {
      const { inFlight, queued } = await loadOf(url);
      return inFlight + queued === index + 1;
    });
  }
  const refused = await fetch(`${url}/beyond`, { headers: slow(300) });
  expect(refused.status).toBe(503);
  expect(refused.headers.get('retry-after')).toBe('1');
  expect(await Promise.all(sent)).toEqual([200, 200, 200, 200]);
  expect(order).toEqual([0, 1, 2, 3]);
  const load = await loadOf(url);
  expect(load).toMatchObject({ concurrency: 2, inFlight: 0, queued: 0, served: 4, refused: 1 });
  // Four requests of 0.3 s; timers are late, never early.
  expect(load.busySlotSeconds).toBeGreaterThan(1.19);
  expect(load.busySlotSeconds).toBeLessThan(1.6);
});

test('takes about its service time, not always the same', async () => {
  const { url } = await start({ PAM_SERVICE_MS: '40', PAM_CONCURRENCY: '30' });
  await Promise.all(Array.from({ length: 60 }, () => statusOf(url)));
  const { busySlotSeconds, served } = await loadOf(url);
  expect(served).toBe(60);
  const meanMs = (busySlotSeconds / served) * 1000;
  expect(meanMs).toBeGreaterThan(35);
  // Timers are late on a busy machine, never early.
  expect(meanMs).toBeLessThan(200);
});

test('on SIGTERM turns unhealthy, finishes what it has begun, then exits with 0', async () => {
  const { child, url } = await start({ PAM_CONCURRENCY: '1' });
  const begun = [statusOf(url, slow(400)), statusOf(url, slow(400))];
  await until('both have arrived', async () => (await loadOf(url)).queued === 1);
  child.kill('SIGTERM');
  await until('it tells', async () => (await statusOf(`${url}/healthz`)) === 503, 1_000);
  expect(await Promise.all(begun)).toEqual([200, 200]);
  await until('it has exited', () => child.exitCode !== null, 2_000);
  expect(child.exitCode).toBe(0);
});

test('a request has no say in how long it takes, unless the node was started so', async () => {
  const { url } = await start({ PAM_SERVICE_HEADER_MS: '', PAM_SERVICE_MS: '5', PAM_CONCURRENCY: '1' });
  const startMs = performance.now();
  for (const wish of ['1814400000', 'Infinity', '1e300', '-1', 'soon'])
    expect(await statusOf(url, { 'x-service-ms': wish })).toBe(200);
  expect(performance.now() - startMs).toBeLessThan(3_000);
});

test('where it may wish, what is no number is refused and what is too long is cut', async () => {
  const { url } = await start({ PAM_SERVICE_HEADER_MS: '50' });
  for (const wish of ['Infinity', '1e3', '-1', '0x10', '1.5', '12, 13', 'NaN', '99999999999999999999'])
    expect([wish, await statusOf(url, { 'x-service-ms': wish })]).toEqual([wish, 400]);
  const startMs = performance.now();
  expect(await statusOf(url, slow(999_999_999))).toBe(200);
  expect(performance.now() - startMs).toBeLessThan(3_000);
  expect(await loadOf(url)).toMatchObject({ inFlight: 0, served: 1 });
});

test('who hangs up frees the slot, and the place in the queue', async () => {
  const { url } = await start({ PAM_CONCURRENCY: '4', PAM_QUEUE: '2' });
  const hangUp = new AbortController();
  const left = Array.from({ length: 6 }, () =>
    fetch(url, { headers: slow(10_000), signal: hangUp.signal }).catch(() => null),
  );
  await until('all have arrived', async () => {
    const { inFlight, queued } = await loadOf(url);
    return inFlight === 4 && queued === 2;
  });
  expect(await statusOf(url, slow(1))).toBe(503);
  hangUp.abort();
  await Promise.all(left);
  await until('all are free', async () => (await loadOf(url)).inFlight === 0);
  expect(await loadOf(url)).toMatchObject({ queued: 0, served: 0 });
  expect(await statusOf(url, slow(1))).toBe(200);
});

test('says what is wrong with its environment', async () => {
  const child = spawn(process.execPath, [stage.builtInNode], {
    env: { PORT: 'http' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  running.push(child);
  let said = '';
  child.stderr?.on('data', (data) => {
    said += String(data);
  });
  await until('it has ended', () => child.exitCode !== null);
  expect(child.exitCode).toBe(78);
  expect(said).toContain('PORT');
});
