/**
 * What the pool of each category should be, as last decided, and how far the change got: `updating` from before a change
 * until it has succeeded, then `applied`. So any worker notices a change that was interrupted, and a reconcile with
 * nothing to do knows it from one row.
 */
import type { RoutingRule } from '../../../core/routing/rule';
import type { Lease } from './leaseStore';

export interface LedgerEntry {
  readonly phase: 'updating' | 'applied';
  /** Ids of the nodes that the pool should have. */
  readonly nodes: readonly string[];
  readonly rule: RoutingRule | null;
  /** Nodes that were asked for, which may be more than there are. Absent: not known. */
  readonly wanted?: number;
  /** As long as nothing was provisioned Pulumi has no stack of it. Absent: it has or may have one. */
  readonly hasStack?: false;
}

export interface LedgerRecord extends LedgerEntry {
  readonly category: string;
  /** Name of the node provider that made the pool. */
  readonly provider: string;
  /** When it came into this phase, ms. */
  readonly sinceMs: number;
}

export interface PoolLedger {
  /** null: the category has no pool yet. */
  get(category: string): Promise<LedgerRecord | null>;
  list(): Promise<LedgerRecord[]>;
  /**
   * Writes under the lease of the pool, all or nothing: the token is checked in the same statement.
   * @throws PamError CONFLICT if the lease is not held any more; nothing is written then.
   */
  put(category: string, provider: string, entry: LedgerEntry, lease: Lease): Promise<void>;
  /** @throws PamError CONFLICT as `put`. */
  remove(category: string, lease: Lease): Promise<void>;
}
