/** The mark that every process of an installation has in its environment and passes on to what it starts. */
import { existsSync, realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { type ProcessIdentity, processesWithEnvironment } from '../adapters/nodes/local/processIdentity';
import { partMarkOf } from './servers/partMark';
import type { ProcessRecord } from './servers/process';

const variable = 'PAM_STARTED_BY';
/** Whichever link a caller comes by, the mark is that of the folder. */
const mark = (stateDir: string): string =>
  `pam up ${existsSync(stateDir) ? realpathSync(stateDir) : resolve(stateDir)}`;

/** `env` with the mark of this installation. */
export function markedEnvironment(stateDir: string, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...env, [variable]: mark(stateDir) };
}

/** Every living process that the installation started, directly or not, recorded or not; never the caller itself. */
export function markedProcesses(stateDir: string): ProcessIdentity[] {
  return processesWithEnvironment({ [variable]: mark(stateDir) });
}

export interface RunningPart extends ProcessRecord {
  /** What it was started with, see `ProcessOrder.facts`. */
  readonly facts: unknown;
}

/**
 * Those of them that are parts of the installation, oldest first. A process without the mark is none, whatever is on record:
 * its pid belongs to someone else by now.
 */
export function runningParts(stateDir: string, recorded: readonly ProcessRecord[] = []): RunningPart[] {
  return markedProcesses(stateDir)
    .flatMap(({ pid, startTicks }): RunningPart[] => {
      const part = partMarkOf(pid);
      if (part !== null) return [{ pid, startTicks, name: part.name, log: part.log, facts: part.facts }];
      const known = recorded.find((one) => one.pid === pid && one.startTicks === startTicks);
      return known === undefined ? [] : [{ ...known, facts: null }];
    })
    .sort((a, b) => a.startTicks - b.startTicks || a.pid - b.pid);
}
