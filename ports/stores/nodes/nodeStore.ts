/** The life of every node a category ever had: observed pool in, creation, first routable and removal times out. */
import type { NodeBoot } from '../../../core/capacity/boots';
import type { PoolNode } from '../../nodePool';

export interface NodeLife {
  readonly id: string;
  readonly category: string;
  /** When the pool created it, ms. */
  readonly createdMs: number;
  /** When it was first seen taking traffic, ms; null while it boots or when it never did. */
  readonly routableMs: number | null;
  /** When it was first seen gone, ms; null while it exists. */
  readonly removedMs: number | null;
  readonly tags: Readonly<Record<string, string>>;
}

export interface NodeStore {
  /**
   * Records what the pool holds at `atMs`: new nodes are added, a node seen routable for the first time gets that
   * time, nodes of this category that are missing from `nodes` are marked as removed. Idempotent, and an older
   * observation never undoes a newer one.
   * @param orderedMs the decision that asked for the nodes that were created since; null when none is known.
   */
  sync(category: string, nodes: readonly PoolNode[], atMs: number, orderedMs?: number | null): Promise<void>;
  /** Nodes that existed at some time in [fromMs, toMs), oldest first. */
  between(category: string, fromMs: number, toMs: number): Promise<NodeLife[]>;
  /**
   * Nodes of the latest orders, at most `orders` of them, that were placed in [fromMs, toMs), oldest first; a node whose order is
   * not known is left out.
   */
  boots(category: string, fromMs: number, toMs: number, orders: number): Promise<NodeBoot[]>;
}
