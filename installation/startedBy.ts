/** The mark that every process of an installation has in its environment and passes on to what it starts. */
import { resolve } from 'node:path';
import { type ProcessIdentity, processesWithEnvironment } from '../adapters/nodes/local/processIdentity';

const variable = 'PAM_STARTED_BY';
const mark = (stateDir: string): string => `pam up ${resolve(stateDir)}`;

/** `env` with the mark of this installation. */
export function markedEnvironment(stateDir: string, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...env, [variable]: mark(stateDir) };
}

/** Every living process that the installation started, directly or not, recorded or not; never the caller itself. */
export function markedProcesses(stateDir: string): ProcessIdentity[] {
  return processesWithEnvironment({ [variable]: mark(stateDir) });
}
