/** A path and some work → its result; no other process of this machine holds the lock of that path meanwhile. */
import { mkdirSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { lock } from 'proper-lockfile';
import { hasCode } from '../../core/thrown';

export interface FileLockOptions {
  /** A holder that did not renew its lock for this long counts as gone, ms; at least 5 s. It renews three times as often. */
  readonly staleMs: number;
  /** How long another holder is waited for, ms; 0 = not at all. */
  readonly waitMs: number;
  /** Between two tries, ms. */
  readonly retryEveryMs: number;
  /** What is thrown if another process still holds the lock then, or took it because this one did not renew it. */
  readonly conflict: (cause: unknown) => Error;
}

/** `lost` is aborted if another process has taken the lock; then what `work` returns is not trusted, and `conflict` is thrown. */
export async function withFileLock<Result>(
  path: string,
  { staleMs, waitMs, retryEveryMs, conflict }: FileLockOptions,
  work: (lost: AbortSignal) => Promise<Result>,
): Promise<Result> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  // Whichever link a process comes by, the lock is the same.
  const lockPath = join(realpathSync(dirname(path)), basename(path));
  const lost = new AbortController();
  let release: () => Promise<void>;
  try {
    release = await lock(lockPath, {
      realpath: false,
      stale: staleMs,
      update: Math.floor(staleMs / 3),
      retries: {
        retries: Math.ceil(waitMs / retryEveryMs),
        factor: 1,
        minTimeout: retryEveryMs,
        maxTimeout: retryEveryMs,
      },
      onCompromised: (error) => lost.abort(conflict(error)),
    });
  } catch (error) {
    if (!hasCode(error, 'ELOCKED')) throw error;
    throw conflict(error);
  }
  try {
    const result = await work(lost.signal);
    lost.signal.throwIfAborted();
    return result;
  } finally {
    // A lost lock is another process's by now: nothing to release.
    await release().catch(() => undefined);
  }
}
