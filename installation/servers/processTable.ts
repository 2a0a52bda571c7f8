/** A pid → its environment and command line; a file or folder → the processes that have it open. From /proc, else from `ps`. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { type ProcessIdentity, startTicksOf } from '../../adapters/nodes/local/processIdentity';

const hasProc = existsSync('/proc/self/environ');

function ps(column: string, pid: number): string {
  try {
    return execFileSync('ps', ['-Eww', '-o', `${column}=`, '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return '';
  }
}

/** The variable as the process was started with it; null without it, and of a process of another user. */
export function variableOf(pid: number, name: string): string | null {
  if (!hasProc) return new RegExp(`(?:^| )${name}=(\\S*)`).exec(ps('command', pid))?.[1] ?? null;
  try {
    const settings = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    return settings.find((setting) => setting.startsWith(`${name}=`))?.slice(name.length + 1) ?? null;
  } catch {
    return null;
  }
}

/** Its words with blanks between; empty if it is gone. */
export function commandLineOf(pid: number): string {
  if (!hasProc) return ps('command', pid);
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replace(/\0$/, '').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

/** Pid of the process that started it, or of the one that took it over; 0 if it is gone. */
export function parentOf(pid: number): number {
  if (!hasProc) return Number(ps('ppid', pid)) || 0;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return 0;
  }
}

/** Whether a signal has stopped it (SIGSTOP, a debugger): it exists and does nothing. */
export function isSuspended(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return /^[Tt]/.test(stat.slice(stat.lastIndexOf(')') + 2));
  } catch {
    return false;
  }
}

/** How long the process has run, ms. */
export function ageMsOf({ startTicks }: ProcessIdentity): number {
  if (!hasProc) return Date.now() - startTicks;
  // 100 ticks a second in every kernel's interface to programs (proc(5), USER_HZ).
  return Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1_000 - startTicks * 10;
}

export interface Holder extends ProcessIdentity {
  readonly command: string;
}

/** Processes with that file open, or that work in that folder, as far as we may look into them; never ourselves. */
export function holdersOf(path: string): Holder[] {
  if (!hasProc || !existsSync(path)) return [];
  const real = realpathSync(path);
  const within = (target: string) => target === real || target.startsWith(`${real}/`);
  return readdirSync('/proc').flatMap((name) => {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) return [];
    if (![...linksOf(`/proc/${pid}/fd`), ...linkOf(`/proc/${pid}/cwd`)].some(within)) return [];
    const startTicks = startTicksOf(pid);
    return startTicks === null ? [] : [{ pid, startTicks, command: commandLineOf(pid) }];
  });
}

function linksOf(folder: string): string[] {
  try {
    return readdirSync(folder).flatMap((name) => linkOf(`${folder}/${name}`));
  } catch {
    return [];
  }
}

function linkOf(path: string): string[] {
  try {
    return [readlinkSync(path)];
  } catch {
    return [];
  }
}
