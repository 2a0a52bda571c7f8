/**
 * One change of a category's pool at a time: in turn within this process, by the lease `pool:<category>` among workers. A
 * worker that dies loses the lease within seconds; one that was only slow is stopped, and its writes are refused.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { PamError } from '../../../core/errors';
import type { Lease, LeaseStore } from '../../../ports/stores/nodes/leaseStore';

/** A holder that was killed stops renewing; after this its lease is free, ms. */
const lifetimeMs = 6_000;
const retryEveryMs = 250;
/** Long enough to outlive the lease of a killed holder, ms. */
const patienceMs = lifetimeMs + 2_000;

export interface HeldPool {
  readonly lease: Lease;
  /** Aborted when another worker may have taken the lease: whoever acts must stop. */
  readonly lost: AbortSignal;
}

export interface PoolLeases {
  /**
   * Runs `act` while no other worker changes the category.
   * @throws PamError CONFLICT when another holds the pool for longer than a killed one could.
   */
  hold<Result>(
    category: string,
    signal: AbortSignal | undefined,
    act: (held: HeldPool) => Promise<Result>,
  ): Promise<Result>;
  /** Throws PamError CONFLICT unless this process holds the pool now. */
  require(category: string): void;
}

/** @param holder identity of this process, that of no other. */
export function createPoolLeases(leases: LeaseStore, holder: string): PoolLeases {
  const held = new Map<string, HeldPool>();
  const conflict = (category: string): PamError =>
    new PamError('CONFLICT', `another worker is changing the nodes of "${category}"; try again`);
  return {
    async hold(category, signal, act) {
      const name = `pool:${category}`;
      for (let waitedMs = 0; ; waitedMs += retryEveryMs) {
        signal?.throwIfAborted();
        const done = await leases.whileHeld(name, holder, lifetimeMs, async (lease, lost) => {
          const mine = { lease, lost };
          held.set(category, mine);
          try {
            return await act(mine);
          } finally {
            held.delete(category);
          }
        });
        if (done !== null) return done.result;
        if (waitedMs >= patienceMs) throw conflict(category);
        await sleep(retryEveryMs);
      }
    },
    require(category) {
      const mine = held.get(category);
      if (mine === undefined || mine.lost.aborted) throw conflict(category);
    },
  };
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
