/**
 * A process as this machine knows it: a pid alone may have been given to someone else since, so a start time goes with
 * it. From `/proc` where there is one, from `ps` elsewhere.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';

export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks from boot to the process's start (Linux), or its start as epoch ms (elsewhere). */
  readonly startTicks: number;
}

const hasProc = existsSync('/proc/self/stat');

function ps(args: readonly string[]): string {
  try {
    return execFileSync('ps', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return '';
  }
}

/** When the process started, see `ProcessIdentity.startTicks`; null when there is none or only its remains (a zombie). */
export function startTicksOf(pid: number): number | null {
  if (!hasProc) {
    const [state, ...start] = ps(['-o', 'state=,lstart=', '-p', String(pid)])
      .trim()
      .split(/\s+/);
    const startMs = Date.parse(start.join(' '));
    return state === undefined || state.startsWith('Z') || Number.isNaN(startMs) ? null : startMs;
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in parentheses may hold anything, so count from its end: state is field 3, starttime field 22 (proc(5)).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? null : Number(fields[19]);
  } catch {
    return null;
  }
}

/** Id of the process group that the process is in; null where that can't be told. */
export function groupOf(pid: number): number | null {
  if (!hasProc) return Number.parseInt(ps(['-o', 'pgid=', '-p', String(pid)]), 10) || null;
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2]);
}

/** Id of the user that a process runs as; -1 when there is none, or nobody can tell. */
export function userOf(pid: number): number {
  if (!hasProc) return Number(ps(['-o', 'uid=', '-p', String(pid)]).trim() || -1);
  return statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid ?? -1;
}

/** True when exactly this process, not a later one with its pid, is there. */
export function isRunning(identity: ProcessIdentity): boolean {
  return startTicksOf(identity.pid) === identity.startTicks;
}

/** Sends a signal to this process and the group it leads; false when it is gone. */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (!isRunning(identity)) return false;
  // A node is spawned as the leader of its group, so that what it started itself ends with it.
  for (const target of [-identity.pid, identity.pid]) {
    try {
      process.kill(target, signal);
      return true;
    } catch {
      // No such group: the process itself is tried next.
    }
  }
  return false;
}

/**
 * Processes whose environment has all of these settings, and a variable of the name `present` if given; those of other
 * users can't be looked into.
 */
export function processesWithEnvironment(
  settings: Readonly<Record<string, string>>,
  present?: string,
): ProcessIdentity[] {
  const wanted = Object.entries(settings).map(([name, value]) => `\0${name}=${value}\0`);
  if (present !== undefined) wanted.push(`\0${present}=`);
  const found: ProcessIdentity[] = [];
  const consider = (pid: number, environment: string): void => {
    if (pid === process.pid || !wanted.every((setting) => environment.includes(setting))) return;
    const startTicks = startTicksOf(pid);
    if (startTicks !== null) found.push({ pid, startTicks });
  };
  if (!hasProc) {
    for (const line of ps(['-Eww', '-ax', '-o', 'pid=,command=']).split('\n')) {
      // `ps` puts the environment behind the command, with spaces between.
      consider(Number.parseInt(line, 10), ` ${line} `.replaceAll(' ', '\0'));
    }
    return found;
  }
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      consider(Number(name), `\0${readFileSync(`/proc/${name}/environ`, 'utf8')}`);
    } catch {
      // Gone meanwhile, or not ours to look into.
    }
  }
  return found;
}
