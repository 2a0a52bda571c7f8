/**
 * A cache folder's name and a recipe → the finished folder. The recipe works in a temporary folder that is renamed at
 * the end, under a lock: a killed or a second process never leaves or sees half a tool.
 */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PamError } from '../../core/errors';
import { lockInstallation } from './lockInstallation';
import type { Report } from './specification';

/**
 * Makes `<cache>/<folder>` with `recipe` unless `isThere` says that it exists by then. Throws what the recipe throws;
 * PamError UNAVAILABLE if another process holds the lock for too long, CONFLICT if one has taken it from this process.
 */
export async function installInto(
  cache: string,
  folder: string,
  isThere: () => boolean,
  recipe: (temporary: string) => Promise<void>,
  report: Report,
): Promise<void> {
  mkdirSync(cache, { recursive: true });
  const lock = await lockInstallation(join(cache, folder), report);
  try {
    if (isThere()) return;
    // Left by processes that were killed: this one has the lock, so none of them is still at work.
    for (const leftover of readdirSync(cache))
      if (leftover.startsWith(`.${folder}.`)) remove(join(cache, leftover));
    const temporary = mkdtempSync(join(cache, `.${folder}.`));
    // mkdtemp closes the folder to others; the server that another user runs must be able to read it.
    chmodSync(temporary, 0o755);
    try {
      await recipe(temporary);
      // Whoever has the lock now may have deleted a part of the temporary folder.
      if (!lock.isOurs()) throw new Error('the lock is lost');
      remove(join(cache, folder));
      renameSync(temporary, join(cache, folder));
    } catch (error) {
      throw lock.isOurs() ? error : lost(join(cache, folder), error);
    } finally {
      remove(temporary);
    }
  } finally {
    await lock.release();
  }
}

/** Patient with files that a dying child of a killed process still adds. */
function remove(path: string): void {
  rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}

function lost(path: string, cause: unknown): PamError {
  return new PamError(
    'CONFLICT',
    `another process has taken over the installation of ${path}, since this one was suspended for over 30 seconds; run the command again`,
    { cause },
  );
}
