/** A state folder and some work → its result; no other `pam up` or `pam down` changes the folder meanwhile. */
import { join, resolve } from 'node:path';
import { check } from 'proper-lockfile';
import { withFileLock } from '../adapters/files/fileLock';
import { PamError } from '../core/errors';

const staleMs = 20_000;
const lockOf = (folder: string): string => join(folder, 'run');

/** Whether a `pam up` or `pam down` is at work. */
export function isStateLocked(stateDir: string): Promise<boolean> {
  return check(lockOf(resolve(stateDir)), { realpath: false, stale: staleMs }).catch(() => false);
}

/** Throws PamError CONFLICT if another process holds the folder's lock. */
export function withStateLock<T>(stateDir: string, work: () => Promise<T>): Promise<T> {
  const folder = resolve(stateDir);
  const conflict = (cause: unknown) =>
    new PamError(
      'CONFLICT',
      `another "pam up" or "pam down" works on ${folder}; try again when it is done (20 s after a crash)`,
      { cause },
    );
  return withFileLock(lockOf(folder), { staleMs, waitMs: 0, retryEveryMs: 1_000, conflict }, work);
}
