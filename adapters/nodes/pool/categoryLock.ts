/** One change of a category's pool at a time: in turn within this process, by a lock file among processes. */
import { mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { lock } from 'proper-lockfile';
import { PamError } from '../../../core/errors';

/** A holder that was killed stops renewing its lock; after this it counts as gone. The library's minimum, ms. */
const staleMs = 5_000;
const retryEveryMs = 250;
/** Long enough to outlive the lock of a killed holder, ms. */
const patienceMs = staleMs + 2_000;

const lockPath = (stateDir: string, category: string): string =>
  join(resolve(stateDir), 'pulumi', 'locks', category);

/**
 * Runs `act` while no other process changes the category. `lost` is aborted when another process has taken the lock
 * because this one did not renew it.
 * @throws PamError CONFLICT when another process holds it for longer than a killed one could.
 */
export async function withCategoryLock<Result>(
  stateDir: string,
  category: string,
  act: (lost: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const path = lockPath(stateDir, category);
  mkdirSync(dirname(path), { recursive: true });
  const lost = new AbortController();
  const conflict = (cause: unknown): PamError =>
    new PamError('CONFLICT', `another process is changing the nodes of "${category}"; try again`, { cause });
  let release: () => Promise<void>;
  try {
    release = await lock(path, {
      realpath: false,
      stale: staleMs,
      update: 1_000,
      retries: { retries: patienceMs / retryEveryMs, factor: 1, minTimeout: retryEveryMs },
      onCompromised: (error) => lost.abort(conflict(error)),
    });
  } catch (error) {
    throw conflict(error);
  }
  try {
    return await act(lost.signal);
  } finally {
    // A lost lock is someone else's by now: nothing to release.
    await release().catch(() => undefined);
  }
}

/** Runs tasks of the same key one after the other, those of different keys at the same time. */
export function createTurns(): <Result>(key: string, task: () => Promise<Result>) => Promise<Result> {
  const last = new Map<string, Promise<unknown>>();
  return (key, task) => {
    const mine = (last.get(key) ?? Promise.resolve()).then(task, task);
    last.set(key, mine);
    const forget = (): void => {
      if (last.get(key) === mine) last.delete(key);
    };
    mine.then(forget, forget);
    return mine;
  };
}
