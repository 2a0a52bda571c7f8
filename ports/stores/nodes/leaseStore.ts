/**
 * Who may do what only one worker at a time may do: change a pool, collect demand, look after the shared pool. A lease runs
 * out by itself if its holder dies, and carries a fencing token that grows each time it is taken, so that a worker which
 * was only slow can't go on writing after another has taken over (Kleppmann 2016, "How to do distributed locking").
 */

export interface Lease {
  /** What is leased: `pool:checkout`, `leader:collector`. */
  readonly name: string;
  /** Identity of the worker process that holds it, unique per process start. */
  readonly holder: string;
  /** Grows each time the lease is taken; a write under an older token is refused. */
  readonly token: number;
}

export interface LeaseStore {
  /**
   * Takes a lease that is free, has run out, or is held by `holder` already; null while another holds it. Times are the
   * database's, so that clocks of workers do not matter. Taking it again gives a new token and ends the old one: a holder
   * whose answer was lost just asks again, and two tasks of one process exclude each other as two processes do.
   * @param ttlMs how long it lasts without being renewed, ms.
   */
  acquire(name: string, holder: string, ttlMs: number): Promise<Lease | null>;
  /**
   * Extends it to `ttlMs` from now, even if it has run out, provided that nobody has taken it since. False otherwise; then
   * the holder must stop at once.
   */
  renew(lease: Lease, ttlMs: number): Promise<boolean>;
  /** Frees it for the next one; nothing happens if it was taken since. */
  release(lease: Lease): Promise<void>;
  /**
   * Takes the lease, renews it while `act` runs, frees it afterwards. `lost` is aborted with a PamError CONFLICT when
   * another has taken the lease or it may have run out because the store did not answer; `act` must stop then.
   * @returns null if another holds the lease; `act` is not called then.
   * @throws what `act` throws, or PamError if the store can't be asked for the lease.
   */
  whileHeld<Result>(
    name: string,
    holder: string,
    ttlMs: number,
    act: (lease: Lease, lost: AbortSignal) => Promise<Result>,
  ): Promise<{ readonly result: Result } | null>;
}
