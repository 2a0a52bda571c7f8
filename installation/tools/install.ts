/**
 * A cache folder's name and a recipe enter, the finished folder leaves. The recipe works in a temporary folder that is
 * renamed at the end, under a lock: a killed or a second process never leaves or sees half a tool.
 */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { lock } from 'proper-lockfile';
import { hasCode } from './errorCode';
import type { Report } from './specification';

/** Ten minutes for a slow build elsewhere, and some. */
const longestWaitMs = 20 * 60_000;

/**
 * Makes `<cache>/<folder>` with `recipe` unless `isThere` says that it exists by then. Throws what the recipe throws,
 * or PamError-free Error ELOCKED when another process held the lock for twenty minutes.
 */
export async function installInto(
  cache: string,
  folder: string,
  isThere: () => boolean,
  recipe: (temporary: string) => Promise<void>,
  report: Report,
): Promise<void> {
  mkdirSync(cache, { recursive: true });
  const release = await waitForLock(join(cache, folder), report);
  try {
    if (isThere()) return;
    for (const leftover of readdirSync(cache))
      if (leftover.startsWith(`.${folder}.`)) rmSync(join(cache, leftover), { recursive: true, force: true });
    const temporary = mkdtempSync(join(cache, `.${folder}.`));
    // mkdtemp closes the folder to others; the server that another user runs must be able to read it.
    chmodSync(temporary, 0o755);
    try {
      await recipe(temporary);
      rmSync(join(cache, folder), { recursive: true, force: true });
      renameSync(temporary, join(cache, folder));
    } finally {
      if (existsSync(temporary)) rmSync(temporary, { recursive: true, force: true });
    }
  } finally {
    await release();
  }
}

async function waitForLock(path: string, report: Report): Promise<() => Promise<void>> {
  const options = { realpath: false, stale: 30_000, update: 5_000 };
  try {
    return await lock(path, { ...options, retries: 0 });
  } catch (error) {
    if (!hasCode(error, 'ELOCKED')) throw error;
  }
  report('another process is installing it, waiting for that one');
  return lock(path, {
    ...options,
    retries: { retries: longestWaitMs / 1_000, factor: 1, minTimeout: 1_000, maxTimeout: 1_000 },
  });
}
