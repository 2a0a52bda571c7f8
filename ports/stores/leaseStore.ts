/**
 * Who may do what only one worker at a time may do: change a pool, collect demand, look after the shared pool. A lease runs
 * out by itself if its holder dies, and carries a fencing token that grows with every holder, so that a worker which was
 * only slow can't go on writing after another has taken over (Kleppmann 2016, "How to do distributed locking").
 */

export interface Lease {
  /** What is leased: `pool:checkout`, `leader:collector`. */
  readonly name: string;
  /** Identity of the worker process that holds it. */
  readonly holder: string;
  /** Grows with every change of the holder; a write under an older token is refused. */
  readonly token: number;
}

export interface LeaseStore {
  /**
   * Takes a lease that is free, has run out, or is held by `holder` already; null while another holds it. Times are the
   * database's, so that clocks of workers do not matter.
   * @param ttlMs how long it lasts without being renewed, ms.
   */
  acquire(name: string, holder: string, ttlMs: number): Promise<Lease | null>;
  /** False if it has run out and another has taken it; then the holder must stop at once. */
  renew(lease: Lease, ttlMs: number): Promise<boolean>;
  /** Frees it for the next one; nothing happens if it is another's by now. */
  release(lease: Lease): Promise<void>;
}
