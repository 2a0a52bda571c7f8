/** A state folder enters; what runs under its lock is alone: two `pam up` or `pam down` at once would trip each other. */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { lock } from 'proper-lockfile';
import { PamError } from '../core/errors';
import { hasCode } from './tools/errorCode';

/** Runs `work` while holding the folder's lock. Throws PamError CONFLICT when another process holds it. */
export async function withStateLock<T>(stateDir: string, work: () => Promise<T>): Promise<T> {
  const folder = resolve(stateDir);
  mkdirSync(folder, { recursive: true });
  let release: () => Promise<void>;
  try {
    release = await lock(join(folder, 'run'), { realpath: false, stale: 20_000, update: 5_000 });
  } catch (error) {
    if (!hasCode(error, 'ELOCKED')) throw error;
    throw new PamError(
      'CONFLICT',
      `another "pam up" or "pam down" works on ${folder}; try again when it is done (20 s after a crash)`,
    );
  }
  try {
    return await work();
  } finally {
    await release();
  }
}
