/** The user that PostgreSQL runs as, and which folders that user can reach: PostgreSQL refuses to run as root. */
import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { PamError } from '../../core/errors';

export interface ServerIdentity {
  readonly user: string;
  readonly uid: number;
  readonly gid: number;
}

const user = 'postgres';

/** null if we are not root, so the server can run as us; else the user `postgres`, created if missing. */
export function serverIdentity(report: (line: string) => void): ServerIdentity | null {
  if (process.getuid?.() !== 0) return null;
  const known = lookUp();
  if (known !== null) return known;
  report(`PostgreSQL does not run as root: adding the system user "${user}" for it`);
  try {
    execFileSync('useradd', [
      '--system',
      '--user-group',
      '--no-create-home',
      '--shell',
      '/usr/sbin/nologin',
      user,
    ]);
  } catch (error) {
    throw new PamError(
      'DENIED',
      `PostgreSQL does not run as root and the user "${user}" could not be added: add it, run PAM as another user, or set DATABASE_URL`,
      { cause: error },
    );
  }
  const added = lookUp();
  if (added === null) throw new PamError('DENIED', `the user "${user}" was added, but can't be found`);
  return added;
}

function lookUp(): ServerIdentity | null {
  try {
    const ask = (flag: string) =>
      Number(execFileSync('id', [flag, user], { stdio: ['ignore', 'pipe', 'ignore'] }));
    return { user, uid: ask('-u'), gid: ask('-g') };
  } catch {
    return null;
  }
}

/**
 * Whether that user may pass every folder from the root down to `path`. Folders that do not exist yet are not checked.
 */
export function canReach(path: string, { uid, gid }: Pick<ServerIdentity, 'uid' | 'gid'>): boolean {
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    const found = statSync(folder, { throwIfNoEntry: false });
    if (found?.isDirectory()) {
      const bit = found.uid === uid ? 0o100 : found.gid === gid ? 0o010 : 0o001;
      if ((found.mode & bit) === 0) return false;
    }
    if (folder === dirname(folder)) return true;
  }
}
