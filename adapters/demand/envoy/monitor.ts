/** The counters now against the last stored sample, and the nodes' slots in use: demand as it is being measured. */

import { incarnationToleranceMs } from '../../../core/demand/counterBins';
import type { Now } from '../../../ports/clock';
import type { Monitor } from '../../../ports/monitor';
import type { RoutingTable } from '../../../ports/routingTable';
import type { CounterSampleStore } from '../../../ports/stores/counterSampleStore';
import type { EnvoyAdmin } from '../../envoy/adminClient';
import { type NodeLoad, poolUse, readLoads } from './nodeLoad';

export interface MonitorOptions {
  readonly admin: EnvoyAdmin;
  readonly samples: Pick<CounterSampleStore, 'latest'>;
  readonly routing: Pick<RoutingTable, 'endpoints'>;
  readonly now: Now;
}

export function createEnvoyMonitor({ admin, samples, routing, now }: MonitorOptions): Monitor {
  const earlier = new Map<string, { atMs: number; loads: ReadonlyMap<string, NodeLoad | null> }>();

  async function utilizationOf(category: string): Promise<number | null> {
    const loads = await readLoads(await routing.endpoints(category));
    const atMs = now();
    const before = earlier.get(category);
    earlier.set(category, { atMs, loads });
    if (before === undefined) return null;
    // Only nodes that were there before: a new one has a start of its own.
    const staying = new Map([...loads].filter(([id]) => before.loads.get(id) != null));
    const use = poolUse(before.loads, staying, atMs - before.atMs);
    return use === null || use.capacitySeconds <= 0
      ? null
      : Math.min(1, use.busySeconds / use.capacitySeconds);
  }

  return {
    live: async (category) => {
      const last = await samples.latest(category);
      const atMs = now();
      const [counters, startedMs, utilization] = await Promise.all([
        admin.counters(),
        admin.startedMs(atMs),
        utilizationOf(category),
      ]);
      const requests = counters.get(category)?.requests ?? 0;
      const overMs = last === null ? 0 : atMs - last.atMs;
      const restarted =
        last !== null &&
        (requests < last.requests || Math.abs(startedMs - Number(last.incarnation)) > incarnationToleranceMs);
      return last === null || restarted || overMs <= 0
        ? { requestsPerSecond: null, overMs: 0, utilization }
        : { requestsPerSecond: ((requests - last.requests) / overMs) * 1_000, overMs, utilization };
    },
  };
}
