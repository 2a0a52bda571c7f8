/** What the nodes of a pool say of their work at two instants → how the pool was used in between. */

/** Cumulative since the node's start, but for `concurrency`. */
export interface NodeLoad {
  /** Node-seconds in which a slot was busy. */
  readonly busySlotSeconds: number;
  readonly served: number;
  readonly concurrency: number;
}

/** By the id of the node; one that does not speak of its load is left out. */
export type NodeLoads = Readonly<Record<string, NodeLoad>>;

export interface PoolUse {
  readonly busySeconds: number;
  readonly served: number;
  /** Node-seconds that were there to be used. */
  readonly capacitySeconds: number;
}

export const noUse: PoolUse = { busySeconds: 0, served: 0, capacitySeconds: 0 };

/** null when no node says anything. A node that was not there before counts from its start. */
export function poolUse(before: NodeLoads, now: NodeLoads, elapsedMs: number): PoolUse | null {
  const loads = Object.entries(now);
  if (loads.length === 0) return null;
  return loads.reduce((use, [id, load]) => {
    const earlier = before[id] ?? { busySlotSeconds: 0, served: 0 };
    return {
      busySeconds: use.busySeconds + Math.max(0, load.busySlotSeconds - earlier.busySlotSeconds),
      served: use.served + Math.max(0, load.served - earlier.served),
      capacitySeconds: use.capacitySeconds + load.concurrency * (elapsedMs / 1_000),
    };
  }, noUse);
}

/** `part` of `use` added to `sum`. */
export function addUse(sum: PoolUse, use: PoolUse, part: number): PoolUse {
  return {
    busySeconds: sum.busySeconds + use.busySeconds * part,
    served: sum.served + use.served * part,
    capacitySeconds: sum.capacitySeconds + use.capacitySeconds * part,
  };
}

/** Share of the pool's capacity in use, 0 to 1. Only nodes that were there before: a new one has a start of its own. */
export function utilization(before: NodeLoads, now: NodeLoads, elapsedMs: number): number | null {
  const staying = Object.fromEntries(Object.entries(now).filter(([id]) => before[id] !== undefined));
  const use = poolUse(before, staying, elapsedMs);
  return use === null || use.capacitySeconds <= 0 ? null : Math.min(1, use.busySeconds / use.capacitySeconds);
}
