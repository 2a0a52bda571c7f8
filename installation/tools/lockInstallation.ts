/**
 * A folder of the cache → the lock under which one process installs it. Two `make test` on a new machine obtain each
 * tool once: the second waits, and says so.
 */
import { lock } from 'proper-lockfile';
import { PamError } from '../../core/errors';
import { hasCode } from './errorCode';
import type { Report } from './specification';

export interface InstallationLock {
  /** False if another process took the lock, because this one was suspended for so long that it looked dead. */
  isOurs(): boolean;
  release(): Promise<void>;
}

/** A slow build takes ten minutes, twice that beside another one. */
const longestWaitMs = 20 * 60_000;
const progressMs = 30_000;
/** The lock of a process that was killed is free after `staleMs`. */
const staleMs = 30_000;
const refreshMs = 5_000;

/** Waits while another process has it; throws PamError UNAVAILABLE after twenty minutes. */
export async function lockInstallation(path: string, report: Report): Promise<InstallationLock> {
  let ours = true;
  const options = {
    realpath: false,
    stale: staleMs,
    update: refreshMs,
    onCompromised: () => {
      ours = false;
      report('another process has taken over the lock of the installation');
    },
  };
  const release = await acquire(path, options, report);
  return {
    isOurs: () => ours,
    release: async () => {
      if (ours) await release();
    },
  };
}

type LockOptions = NonNullable<Parameters<typeof lock>[1]>;

async function acquire(path: string, options: LockOptions, report: Report): Promise<() => Promise<void>> {
  try {
    return await lock(path, { ...options, retries: 0 });
  } catch (error) {
    if (!hasCode(error, 'ELOCKED')) throw error;
  }
  report('another process is installing it, waiting for that one');
  const beganMs = Date.now();
  const alive = setInterval(
    () => report(`${Math.round((Date.now() - beganMs) / 1_000)} s, another process is still installing it`),
    progressMs,
  );
  try {
    return await lock(path, {
      ...options,
      retries: { retries: longestWaitMs / 1_000, factor: 1, minTimeout: 1_000, maxTimeout: 1_000 },
    });
  } catch (error) {
    if (!hasCode(error, 'ELOCKED')) throw error;
    throw new PamError(
      'UNAVAILABLE',
      `another process has been installing ${path} for ${longestWaitMs / 60_000} minutes; wait until it ends, or stop it and delete ${path}.lock`,
      { cause: error },
    );
  } finally {
    clearInterval(alive);
  }
}
