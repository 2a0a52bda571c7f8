/** Processes that outlive us: found again, stopped, and never taken for one that only has their pid. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isRunning } from '../../../adapters/nodes/local/processIdentity';
import { logTail, startProcess, stopProcess, waitUntilReady } from '../../../installation/servers/process';
import { markedEnvironment, markedProcesses } from '../../../installation/startedBy';

const folder = mkdtempSync(join(tmpdir(), 'pam-process-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const order = (script: string) => ({
  name: 'part',
  command: process.execPath,
  args: ['-e', script],
  log: join(folder, `${Math.random()}.log`),
});
const forever = 'setInterval(() => {}, 1000)';

test('a process that has the pid but another start time is a stranger and is left alone', async () => {
  const stranger = spawn(process.execPath, ['-e', forever], { stdio: 'ignore' });
  try {
    const own = await startProcess(order(forever));
    expect(await stopProcess(own, 'SIGTERM', 5_000)).toBe('stopped');
    // Our process died and the system gave its pid to someone else.
    const reused = { ...own, pid: stranger.pid ?? 0, startTicks: own.startTicks - 100 };
    expect(isRunning(reused)).toBe(false);
    expect(await stopProcess(reused, 'SIGKILL', 1_000)).toBe('gone');
    expect(stranger.exitCode).toBeNull();
    expect(stranger.signalCode).toBeNull();
  } finally {
    stranger.kill('SIGKILL');
  }
});

test('one that ignores the signal is killed after the grace', async () => {
  const record = await startProcess(
    order(`process.on('SIGTERM', () => {}); console.log('deaf'); ${forever}`),
  );
  await waitUntilReady(record, async () => logTail(record.log).includes('deaf'), 5_000);
  expect(await stopProcess(record, 'SIGTERM', 300)).toBe('killed');
  expect(isRunning(record)).toBe(false);
});

test('one that ends while starting is told with the last lines of its log', async () => {
  const record = await startProcess(order(`console.error('port is taken'); process.exit(3)`));
  await expect(waitUntilReady(record, async () => false, 5_000)).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    message: expect.stringMatching(/part ended while starting.*port is taken/s),
  });
});

test('one that never gets ready is told so, too', async () => {
  const record = await startProcess(order(forever));
  await expect(waitUntilReady(record, async () => false, 300)).rejects.toThrow(/part is not ready after/);
  await stopProcess(record, 'SIGKILL', 5_000);
});

test('a command that does not exist is an error, not a process', async () => {
  await expect(startProcess({ ...order(''), command: '/nowhere/x' })).rejects.toThrow(
    /part did not start.*nowhere/,
  );
});

test('what a process of ours starts carries the mark, also when its parent is gone', async () => {
  const child = `require('child_process').spawn(process.execPath, ['-e', '${forever}'], {detached: true, stdio: 'ignore'}).unref()`;
  const parent = await startProcess({ ...order(child), env: markedEnvironment(folder, process.env) });
  while (isRunning(parent)) await new Promise((resolve) => setTimeout(resolve, 20));
  const marked = markedProcesses(folder);
  expect(marked).toHaveLength(1);
  for (const { pid } of marked) process.kill(pid, 'SIGKILL');
  expect(markedProcesses(`${folder}-other`)).toEqual([]);
});
