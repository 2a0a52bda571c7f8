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
  readonly admin: Pick<EnvoyAdmin, 'counters'>;
  readonly routing: Pick<RoutingTable, 'endpoints'>;
  readonly samples: CounterSampleStore;
  readonly now: Now;
}

export function createEnvoySource({ admin, routing, samples, now }: EnvoySourceOptions): DemandSource {
  /** One question to the proxy for all categories; one without a rule is not known to it. */
  async function read(
    categories: readonly CategorySettings[],
    fresh: boolean,
  ): Promise<ReadonlyMap<string, Counters>> {
    const askedMs = now();
    const [{ categories: counters, ageMs, uptimeMs }, loads] = await Promise.all([
      admin.counters(fresh),
      // Where the nodes are may not be known while the database is away; the proxy's counters are worth more.
      Promise.all(
        categories.map(async ({ name }) => readLoads(await routing.endpoints(name).catch(() => []))),
      ),
    ]);
    const startedMs = askedMs - ageMs - uptimeMs;
    return new Map(
      categories.flatMap(({ name }, index) => {
        const found = counters.get(name);
        return found === undefined ? [] : [[name, { ...found, ageMs, startedMs, nodes: loads[index] ?? {} }]];
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
