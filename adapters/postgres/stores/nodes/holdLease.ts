/** A lease's name and a task in, the task's result out, with the lease held and renewed all the while. */
import { performance } from 'node:perf_hooks';
import { PamError } from '../../../../core/errors';
import type { Lease, LeaseStore } from '../../../../ports/stores/nodes/leaseStore';

/** Renewals a lifetime: two may fail before the lease is lost. */
const renewalsPerLifetime = 4;

/** `LeaseStore.whileHeld` over the other methods of the store. */
export async function holdLease<Result>(
  leases: Pick<LeaseStore, 'acquire' | 'renew' | 'release'>,
  name: string,
  holder: string,
  ttlMs: number,
  act: (lease: Lease, lost: AbortSignal) => Promise<Result>,
): Promise<{ readonly result: Result } | null> {
  let askedMs = performance.now();
  const lease = await leases.acquire(name, holder, ttlMs);
  if (lease === null) return null;
  const lost = new AbortController();
  const lose = (why: string, cause?: unknown): void =>
    lost.abort(new PamError('CONFLICT', `the lease "${name}" was lost: ${why}; try again`, { cause }));

  // The lifetime counts from before the question, so that it ends here no later than in the database.
  let lastFailure: unknown;
  const expire = (): void => lose('the database did not answer a renewal in time', lastFailure);
  let expiry = setTimeout(expire, askedMs + ttlMs - performance.now());
  let asking = false;
  let ended = false;
  const renewals = setInterval(async () => {
    if (asking || lost.signal.aborted) return;
    asking = true;
    askedMs = performance.now();
    try {
      if (await leases.renew(lease, ttlMs)) {
        clearTimeout(expiry);
        if (!ended) expiry = setTimeout(expire, askedMs + ttlMs - performance.now());
      } else lose('another worker has taken it');
    } catch (error) {
      lastFailure = error;
    } finally {
      asking = false;
    }
  }, ttlMs / renewalsPerLifetime);
  try {
    return { result: await act(lease, lost.signal) };
  } finally {
    ended = true;
    clearInterval(renewals);
    clearTimeout(expiry);
    // A lost lease is another's by now or has run out; one that can't be freed runs out by itself.
    if (!lost.signal.aborted) await leases.release(lease).catch(() => undefined);
  }
}
