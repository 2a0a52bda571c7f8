/**
 * A command → a process of a node, kept apart from the worker as far as this system allows: as another user, or in a user
 * namespace in which the state folder is empty; without a way to gain rights, without core files that hold its memory.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { NodeCommand } from './nodeCommand';
import type { NodeUser } from './nodeUser';

export interface SpawnOptions {
  readonly user: NodeUser;
  /** Its working directory. */
  readonly folder: string;
  /** What it must not see, if it runs as the worker's user in a namespace. */
  readonly hidden: readonly string[];
  /** Descriptor that takes what it writes. */
  readonly output: number;
}

const found = new Map<string, string | null>();
/** Absolute path of a program of the system; null where it lacks it. The node's own PATH has no say in it. */
function systemProgram(name: string): string | null {
  const known = found.get(name);
  if (known !== undefined) return known;
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder.startsWith('/'));
  const path = folders.map((folder) => join(folder, name)).find((file) => existsSync(file)) ?? null;
  found.set(name, path);
  return path;
}

/** Programs that only set what their successor inherits, and then become it: the process stays the same. */
function limited(command: readonly string[]): string[] {
  const [noCore, noGain] = [systemProgram('prlimit'), systemProgram('setpriv')];
  return [
    ...(noCore === null ? [] : [noCore, '--core=0:0', '--']),
    ...(noGain === null ? [] : [noGain, '--no-new-privs', '--']),
    ...command,
  ];
}

/**
 * An empty file system over each hidden folder, an empty file over each hidden file; then a second namespace, from which the
 * mounts of the first cannot be undone.
 */
const hide = `
IFS='
'
for path in $PAM_HIDDEN; do
  if [ -d "$path" ]; then command -p mount -t tmpfs -o ro,size=4k,mode=0 none "$path" || exit 125
  elif [ -e "$path" ]; then command -p mount --bind /dev/null "$path" || exit 125
  fi
done
unset PAM_HIDDEN IFS
exec "$2" --user --map-user="$0" --map-group="$1" -- "\${@:3}"`;

function inNamespace(command: readonly string[]): string[] {
  const ids = [process.getuid?.() ?? 0, process.getgid?.() ?? 0].map(String);
  const unshare = systemProgram('unshare') ?? 'unshare';
  const outer = [unshare, '--user', '--map-root-user', '--mount', '--'];
  return [...outer, systemProgram('bash') ?? 'bash', '-c', hide, ...ids, unshare, ...command];
}

/** The process leads a group and a session of its own, so that what it starts itself ends with it. */
export function spawnNode({ command, args, env }: NodeCommand, options: SpawnOptions): ChildProcess {
  const { user, folder, hidden, output } = options;
  const limits = limited([command, ...args]);
  const [program = '', ...rest] = user.kind === 'namespace' ? inNamespace(limits) : limits;
  return spawn(program, rest, {
    detached: true,
    env: user.kind === 'namespace' ? { ...env, PAM_HIDDEN: hidden.join('\n') } : env,
    cwd: folder,
    stdio: ['ignore', output, output],
    ...(user.kind === 'user' ? { uid: user.uid, gid: user.gid } : {}),
  });
}
