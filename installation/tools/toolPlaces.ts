/** The environment enters, the folders to look for tools in leave. */
import { homedir } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';
import { isExecutable } from './toolVersion';

/** Where obtained tools are kept: `$XDG_CACHE_HOME/pam`, else `~/.cache/pam`; outside of every checkout. */
export function toolCache(env: NodeJS.ProcessEnv): string {
  const base = env.XDG_CACHE_HOME;
  // The XDG specification asks to ignore a relative path.
  return join(base !== undefined && isAbsolute(base) ? base : join(env.HOME ?? homedir(), '.cache'), 'pam');
}

/** Every executable of that name in the folders of PATH, in order; a relative one would depend on where a command is run. */
export function onPath(executable: string, env: NodeJS.ProcessEnv): string[] {
  return (env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => isAbsolute(folder))
    .map((folder) => join(folder, executable))
    .filter(isExecutable);
}
