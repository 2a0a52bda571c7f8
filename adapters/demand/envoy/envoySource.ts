/** Envoy's admin interface and the nodes' own word → demand as the proxy counts it. */
import { settleMsOf } from '../../../core/category/demand';
import type { CategorySettings } from '../../../core/category/settings';
import type { Now } from '../../../ports/clock';
import type { DemandSource } from '../../../ports/demandSource';
import type { RoutingTable } from '../../../ports/routingTable';
import type { CounterSampleStore } from '../../../ports/stores/demand/counterSampleStore';
import type { EnvoyAdmin } from '../../envoy/adminClient';
import { type Counters, createCounterSource } from '../counters';
import { readLoads } from './nodeLoad';

export interface EnvoySourceOptions {
  readonly admin: Pick<EnvoyAdmin, 'counters' | 'startedMs'>;
  readonly routing: Pick<RoutingTable, 'endpoints'>;
  readonly samples: CounterSampleStore;
  readonly now: Now;
}

export function createEnvoySource({ admin, routing, samples, now }: EnvoySourceOptions): DemandSource {
  /** One question to the proxy for all categories; one without a rule is not known to it. */
  async function read(categories: readonly CategorySettings[]): Promise<ReadonlyMap<string, Counters>> {
    const [counters, startedMs, loads] = await Promise.all([
      admin.counters(categories.map(({ name }) => name)),
      admin.startedMs(now()),
      // Of nodes that can't be asked nothing is known; what is counted of their category counts all the same.
      Promise.all(
        categories.map(async ({ name }) => readLoads(await routing.endpoints(name).catch(() => []))),
      ),
    ]);
    return new Map(
      categories.flatMap(({ name }, index) => {
        const found = counters.get(name);
        return found === undefined ? [] : [[name, { ...found, startedMs, nodes: loads[index] ?? {} }]];
      }),
    );
  }

  return createCounterSource({
    name: 'envoy',
    knows: ['errors', 'latency', 'busyTime', 'utilization'],
    settleMs: settleMsOf,
    read,
    samples,
    now,
  });
}
