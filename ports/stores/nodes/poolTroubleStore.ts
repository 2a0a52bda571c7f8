/** What went wrong with the nodes of a category and what was mended: ends and repairs in, those of the latest time out. */
import type { EndedNode } from '../../../core/capacity/crashLoop';

/** A node that ended without having been given up. */
export interface NodeEndRecord extends EndedNode {
  readonly category: string;
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
