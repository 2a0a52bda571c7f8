/** What went wrong with the nodes of a category and what was mended: ends and repairs in, those of the latest time out. */

/** A node that ended without having been given up. */
export interface NodeEndRecord {
  readonly category: string;
  readonly id: string;
  /** When it was ordered, ms: nodes of one order have the same time. */
  readonly createdMs: number;
  /** When its end was noticed, ms. */
  readonly endedMs: number;
  /** Digest of what it was made from, see `madeAs`. */
  readonly madeAs: string;
  /** null: a signal ended it, or nobody saw how it ended. */
  readonly exitCode: number | null;
  readonly exitSignal: string | null;
  /** Last lines of its log, cleaned; empty if it wrote nothing. */
  readonly said: string;
}

export interface PoolRepair {
  readonly category: string;
  readonly atMs: number;
  readonly what: string;
}

export interface PoolTroubleStore {
  /** Idempotent: of a node the first record counts. */
  ended(end: NodeEndRecord): Promise<void>;
  /** Noticed at or after `fromMs`, oldest first. */
  endsSince(category: string, fromMs: number): Promise<NodeEndRecord[]>;
  repaired(category: string, what: string, atMs: number): Promise<void>;
  /** At or after `fromMs`, oldest first. */
  repairsSince(category: string, fromMs: number): Promise<PoolRepair[]>;
}
