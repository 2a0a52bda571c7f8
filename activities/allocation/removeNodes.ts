/** A category that stops → its nodes drained and removed, its rule gone, its registration closed. */

import { withHeartbeat } from '../frame/coded';
import type { AllocationDependencies } from '../frame/dependencies';

const heartbeatMs = 2_000;

export interface RemoveNodesInput {
  readonly category: string;
  /** false: only the nodes and the rule go, the category stays registered. */
  readonly stopped: boolean;
}

/** Idempotent; returns how many nodes were removed. */
export function removeNodes({
  pool,
  categories,
  nodes,
  fleet,
  now,
}: Pick<AllocationDependencies, 'pool' | 'categories' | 'nodes' | 'fleet' | 'now'>) {
  return async ({ category, stopped }: RemoveNodesInput): Promise<{ removed: number }> => {
    const change = await withHeartbeat(heartbeatMs, (call) => pool.remove(category, call));
    await nodes.sync(category, [], now());
    await fleet.release(category);
    if (stopped) await categories.stopped(category);
    return { removed: change.removed.length };
  };
}
