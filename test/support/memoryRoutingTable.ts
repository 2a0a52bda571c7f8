/** A routing table in memory that asks the nodes themselves for their health, as a proxy would. */
import type { RoutingRule } from '../../core/routing/rule';
import type { Endpoint, EndpointHealth, RoutingTable } from '../../ports/routingTable';

export interface MemoryRoutingTable extends RoutingTable {
  readonly rules: ReadonlyMap<string, RoutingRule>;
  /** Loses everything, as a proxy whose files were deleted. */
  forget(): void;
}

export function memoryRoutingTable(): MemoryRoutingTable {
  const rules = new Map<string, RoutingRule>();
  const pools = new Map<string, Map<string, Endpoint>>();
  const poolOf = (name: string): Map<string, Endpoint> => {
    const pool = pools.get(name) ?? new Map<string, Endpoint>();
    pools.set(name, pool);
    return pool;
  };
  const probe = async ({ host, port, healthPath }: Endpoint): Promise<EndpointHealth> => {
    try {
      return (await fetch(`http://${host}:${port}${healthPath}`, { signal: AbortSignal.timeout(500) })).ok
        ? 'healthy'
        : 'unhealthy';
    } catch {
      return 'unhealthy';
    }
  };
  return {
    rules,
    forget() {
      rules.clear();
      pools.clear();
    },
    async putRule(rule) {
      rules.set(rule.category, rule);
    },
    async removeRule(category) {
      rules.delete(category);
    },
    async putEndpoint(pool, endpoint) {
      poolOf(pool).set(endpoint.id, endpoint);
    },
    async removeEndpoint(pool, id) {
      poolOf(pool).delete(id);
    },
    async endpoints(pool) {
      return [...poolOf(pool).values()];
    },
    async health(pool) {
      const found = await Promise.all(
        [...poolOf(pool).values()].map(async (endpoint) => [endpoint.id, await probe(endpoint)] as const),
      );
      return new Map(found);
    },
  };
}
