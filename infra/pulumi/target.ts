/**
 * Where a category's nodes come into being: one resource a node, or a structure that the node provider declares itself.
 * The program and everything above it stay the same.
 */
import type { NodesByNumber, NodesByOrder, WantedPool } from '../../ports/nodeProvider';
import { NodeResource } from './resources';

export interface NodeTarget {
  /** Declares what the pool's nodes need, in a running program. */
  declare(pool: WantedPool): void;
}

/** @param provider name of the node provider, for the type of its resources. */
export function targetOf(provider: string, nodes: NodesByOrder | NodesByNumber): NodeTarget {
  if (nodes.kind === 'by number') return nodes;
  return {
    declare(pool) {
      for (const order of pool.nodes) new NodeResource(provider, order);
    },
  };
}
