/**
 * Who runs the nodes of this machine: the setting `nodes.local.user` and a category → the user, or why there is none of their
 * own. Nodes run commands of categories, and listen to the world: they are not to read what the worker may.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { PamError } from '../../../core/errors';

/**
 * Ids that neither distributions nor systemd nor containers hand out (https://systemd.io/UIDS-GIDS). A category always gets
 * the same one, so that its nodes find what belongs to them, and as a rule no other category's.
 */
const firstId = 60_578;
const lastId = 60_705;

export type NodeUser =
  /** A user of their own. */
  | { readonly kind: 'user'; readonly uid: number; readonly gid: number }
  /** The worker's user, in a user namespace in which the state folder is not there. */
  | { readonly kind: 'namespace' }
  /** The worker's user. */
  | { readonly kind: 'worker' };

export interface NodeUsers {
  of(category: string): NodeUser;
  /** Every id that a process of a node may have. */
  readonly ids: ReadonlySet<number>;
  /** What there is to say once; null where nodes are kept apart. */
  readonly warning: string | null;
}

interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

function accounts(): Account[] {
  try {
    return readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .map((line) => line.split(':'))
      .filter((fields) => fields.length >= 4)
      .map(([name = '', , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }));
  } catch {
    return [];
  }
}

/** True if this user may have processes in a namespace of their own, with mounts of their own. */
function mayUseNamespaces(): boolean {
  const tried = spawnSync(
    'unshare',
    ['--user', '--map-root-user', '--mount', '--', 'unshare', '--user', '--map-user=1000', 'true'],
    {
      stdio: 'ignore',
      timeout: 5_000,
    },
  );
  return tried.status === 0;
}

const here = (): number => process.getuid?.() ?? -1;

/**
 * @param setting `auto`, `worker`, the name of a user, `UID` or `UID:GID`.
 * @throws PamError INVALID_CONFIG for a user that is not there, or that this process may not become.
 */
export function nodeUsers(setting = 'auto'): NodeUsers {
  if (setting === 'worker') {
    const who = here() === 0 ? 'root' : 'the user of the worker';
    return sameForAll(
      { kind: 'worker' },
      `nodes run as ${who} (nodes.local.user): they can read all that PAM can`,
    );
  }
  if (setting !== 'auto') return named(setting);
  if (here() === 0) return ofTheirOwn();
  if (mayUseNamespaces()) return sameForAll({ kind: 'namespace' }, null);
  return sameForAll(
    { kind: 'worker' },
    'nodes run as the user of the worker and can read all that it can, the password of the database among it: this system ' +
      'gives users no namespaces. Run PAM as root, which gives nodes a user of their own, or see docs/operations.md',
  );
}

function sameForAll(user: NodeUser, warning: string | null): NodeUsers {
  const ids = new Set([user.kind === 'user' ? user.uid : here()]);
  return { of: () => user, ids, warning };
}

function named(setting: string): NodeUsers {
  const [, uid, gid] = /^(\d+)(?::(\d+))?$/.exec(setting) ?? [];
  const known = accounts().find(
    (one) => one.name === setting || (uid !== undefined && one.uid === Number(uid)),
  );
  const user = uid === undefined ? known : { uid: Number(uid), gid: Number(gid ?? known?.gid ?? uid) };
  if (user === undefined)
    throw new PamError(
      'INVALID_CONFIG',
      `nodes.local.user: expected auto, worker, the name of a user or UID:GID; there is no user "${setting}"`,
    );
  if (user.uid === here()) return nodeUsers('worker');
  if (here() !== 0)
    throw new PamError(
      'INVALID_CONFIG',
      `nodes.local.user: only root can start nodes as another user ("${setting}"); leave it out, or run PAM as root`,
    );
  if (user.uid === 0)
    throw new PamError('INVALID_CONFIG', 'nodes.local.user: expected a user other than root');
  return sameForAll({ kind: 'user', uid: user.uid, gid: user.gid }, null);
}

/** The ids that `auto` gives to nodes as root: nobody else runs as one of them. */
export function nodeUserIds(): number[] {
  const taken = new Set(accounts().flatMap(({ uid, gid }) => [uid, gid]));
  const free: number[] = [];
  for (let id = firstId; id <= lastId; id += 1) if (!taken.has(id)) free.push(id);
  return free;
}

function ofTheirOwn(): NodeUsers {
  const free = nodeUserIds();
  if (free.length === 0)
    throw new PamError(
      'INVALID_CONFIG',
      `nodes.local.user: the ids ${firstId} to ${lastId} are all taken; name a user without rights for the nodes`,
    );
  return {
    of(category) {
      const digest = createHash('sha256').update(category).digest().readUInt32BE(0);
      const id = free[digest % free.length] as number;
      return { kind: 'user', uid: id, gid: id };
    },
    ids: new Set(free),
    warning: null,
  };
}
