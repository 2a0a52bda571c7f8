/**
 * A command → a process that outlives its starter, with a record that identifies it. A pid is reused; a pid with its
 * start time is not, so no other process is taken for it.
 */
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning, type ProcessIdentity, startTicksOf } from '../../adapters/nodes/local/processIdentity';
import { privateUmask } from '../../config/ownPath';
import { PamError } from '../../core/errors';
import { hasCode } from '../../core/thrown';

export interface ProcessRecord extends ProcessIdentity {
  readonly name: string;
  /** File with both of its streams. */
  readonly log: string;
}

export interface ProcessOrder {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly log: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** User to run as, if another one; only root may set it. */
  readonly identity?: { readonly uid: number; readonly gid: number } | null;
  /** false: it gets the signals of our terminal, as tests need. */
  readonly detached?: boolean;
}

/**
 * Starts it in a session of its own; both streams are appended to its log. Throws PamError UNAVAILABLE if it can’t
 * start.
 */
export async function startProcess(order: ProcessOrder): Promise<ProcessRecord> {
  mkdirSync(dirname(order.log), { recursive: true, mode: 0o700 });
  const log = openSync(order.log, 'a', 0o600);
  // Inherited by the process, which writes for its own user alone.
  const before = process.umask(privateUmask);
  const child = spawn(order.command, [...order.args], {
    detached: order.detached ?? true,
    stdio: ['ignore', log, log],
    env: order.env ?? process.env,
    ...(order.cwd === undefined ? {} : { cwd: order.cwd }),
    ...(order.identity ? { uid: order.identity.uid, gid: order.identity.gid } : {}),
  });
  process.umask(before);
  closeSync(log);
  const failure = await new Promise<Error | null>((settle) => {
    child.once('spawn', () => settle(null));
    child.once('error', settle);
  });
  child.unref();
  const pid = child.pid;
  const startTicks = pid === undefined ? null : startTicksOf(pid);
  if (failure !== null || pid === undefined || startTicks === null)
    throw new PamError(
      'UNAVAILABLE',
      `${order.name} did not start: ${order.command}: ${failure?.message ?? `it ended at once${logTail(order.log)}`}`,
    );
  return { name: order.name, pid, startTicks, log: order.log };
}

/**
 * Asks the process to end with `signal`, waits up to `graceMs`, then kills it. Resolves to how it ended. Never touches
 * another process with the same pid.
 */
export async function stopProcess(
  record: ProcessRecord,
  signal: NodeJS.Signals,
  graceMs: number,
): Promise<'gone' | 'stopped' | 'killed'> {
  if (!isRunning(record)) return 'gone';
  for (const [step, waitMs] of [
    [signal, graceMs],
    ['SIGKILL', 10_000],
  ] as const) {
    try {
      process.kill(record.pid, step);
    } catch (error) {
      if (!hasCode(error, 'ESRCH')) throw error;
    }
    for (const end = Date.now() + waitMs; Date.now() < end; await sleep(50))
      if (!isRunning(record)) return step === 'SIGKILL' ? 'killed' : 'stopped';
  }
  throw new PamError('UNAVAILABLE', `${record.name} (pid ${record.pid}) does not end, even after SIGKILL`);
}

/** The end of a log, to append to a message; empty without one. */
export function logTail(log: string, lines = 20): string {
  try {
    const text = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-lines).join('\n  ');
    return text === '' ? '' : `\nLast lines of ${log}:\n  ${text}`;
  } catch {
    return '';
  }
}

/**
 * Waits until `check` is true. Throws PamError UNAVAILABLE, with the last lines of the log, if the process ends first
 * or `timeoutMs` pass. A check that throws counts as not yet.
 */
export async function waitUntilReady(
  record: ProcessRecord,
  check: () => Promise<boolean>,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<void> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    signal?.throwIfAborted();
    if (!isRunning(record))
      throw new PamError('UNAVAILABLE', `${record.name} ended while starting${logTail(record.log)}`);
    if (await check().catch(() => false)) return;
    if (Date.now() > end)
      throw new PamError(
        'UNAVAILABLE',
        `${record.name} is not ready after ${Math.round(timeoutMs / 1_000)} s${logTail(record.log)}`,
      );
    await sleep(100);
  }
}
