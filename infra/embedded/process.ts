/**
 * A command enters, a process that outlives us leaves, with enough on record to find it again and never to take a
 * stranger for it: a pid alone is reused, a pid with its start time is not.
 */
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PamError } from '../../core/errors';

export interface ProcessRecord {
  readonly name: string;
  readonly pid: number;
  /** When it started, in the unit of the system: clock ticks since boot on Linux, seconds since the epoch elsewhere. */
  readonly startTicks: number;
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
  /** Another user to run as; only root may ask for it. */
  readonly identity?: { readonly uid: number; readonly gid: number } | null;
  /** false: it shares our terminal's signals, as the tests want it. */
  readonly detached?: boolean;
}

/** Starts it in a session of its own, its streams appended to its log. Throws PamError UNAVAILABLE when it can't start. */
export async function startProcess(order: ProcessOrder): Promise<ProcessRecord> {
  mkdirSync(dirname(order.log), { recursive: true });
  const log = openSync(order.log, 'a');
  const child = spawn(order.command, [...order.args], {
    detached: order.detached ?? true,
    stdio: ['ignore', log, log],
    env: order.env ?? process.env,
    ...(order.cwd === undefined ? {} : { cwd: order.cwd }),
    ...(order.identity ? { uid: order.identity.uid, gid: order.identity.gid } : {}),
  });
  closeSync(log);
  const failure = await new Promise<Error | null>((settle) => {
    child.once('spawn', () => settle(null));
    child.once('error', settle);
  });
  child.unref();
  const pid = child.pid;
  const startTicks = pid === undefined ? null : processStart(pid);
  if (failure !== null || pid === undefined || startTicks === null)
    throw new PamError(
      'UNAVAILABLE',
      `${order.name} did not start: ${order.command}: ${failure?.message ?? `it ended at once${logTail(order.log)}`}`,
    );
  return { name: order.name, pid, startTicks, log: order.log };
}

/** Start time of a living process in the unit of `ProcessRecord`; null when there is none, or only its corpse. */
export function processStart(pid: number): number | null {
  if (process.platform === 'linux') {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      // The command's name is in parentheses and may hold spaces and parentheses; fields are counted after it.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return fields[0] === 'Z' || fields[0] === 'X' ? null : Number(fields[19]);
    } catch {
      return null;
    }
  }
  try {
    const started = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { env: { LC_ALL: 'C' } });
    return Math.floor(Date.parse(started.toString().trim()) / 1_000);
  } catch {
    return null;
  }
}

/** True while that very process lives. */
export function isAlive(record: Pick<ProcessRecord, 'pid' | 'startTicks'>): boolean {
  return processStart(record.pid) === record.startTicks;
}

/**
 * Asks the process to end with `signal`, waits up to `graceMs`, then kills it. Resolves to how it went; never touches
 * a process that only has its pid.
 */
export async function stopProcess(
  record: ProcessRecord,
  signal: NodeJS.Signals,
  graceMs: number,
): Promise<'gone' | 'stopped' | 'killed'> {
  if (!isAlive(record)) return 'gone';
  for (const [step, waitMs] of [
    [signal, graceMs],
    ['SIGKILL', 10_000],
  ] as const) {
    try {
      process.kill(record.pid, step);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
    }
    for (const end = Date.now() + waitMs; Date.now() < end; await sleep(50))
      if (!isAlive(record)) return step === 'SIGKILL' ? 'killed' : 'stopped';
  }
  throw new PamError('UNAVAILABLE', `${record.name} (pid ${record.pid}) does not end, even when killed`);
}

/** The end of a log as an appendix to a message; empty when there is none. */
export function logTail(log: string, lines = 8): string {
  try {
    const text = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-lines).join('\n  ');
    return text === '' ? '' : `\nLast lines of ${log}:\n  ${text}`;
  } catch {
    return '';
  }
}

/**
 * Waits until `check` is true. Throws PamError UNAVAILABLE, with the last lines of the log, when the process ends
 * first or `timeoutMs` pass; a check that throws counts as not yet.
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
    if (!isAlive(record))
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
