/**
 * A rule or endpoint → a row, and a promise that resolves when every proxy that is connected to discovery has taken it. Health
 * comes from the proxy itself.
 */
import { isIP } from 'node:net';
import { z } from 'zod';
import { describeIssues } from '../../core/describeIssues';
import { PamError } from '../../core/errors';
import { routingMatch } from '../../core/routing/rule';
import {
  type Endpoint,
  type EndpointHealth,
  type RoutingTable,
  sharedPoolName,
} from '../../ports/routingTable';
import type { ChangedPool, RoutingStore } from '../../ports/stores/routing/routingStore';
import { createEnvoyAdmin, type HostStatus } from './adminClient';
import { clusterOf } from './statNames';
import { createTakenWaiter, type TakenWaiter } from './takenWaiter';

export interface EnvoyRoutingOptions {
  readonly store: RoutingStore;
  readonly adminUrl: string;
  /** Longest wait until the proxies take a change, ms; usually it takes some ms. */
  readonly takenWithinMs?: number;
}

const usualTakenWithinMs = 5_000;

const ruleForm = z.strictObject({ category: z.string().min(1), match: routingMatch });
const endpointForm = z.strictObject({
  id: z.string().min(1),
  host: z.string().min(1),
  port: z.number().int().min(1).max(65_535),
  healthPath: z
    .string()
    .regex(/^\/[\x21-\x7e]*$/, 'expected a path that starts with "/", of printable ASCII without blanks'),
});

/** Nothing is written that a proxy could not take. */
function checked<T>(form: z.ZodType<T>, value: unknown, what: string): T {
  const parsed = form.safeParse(value);
  if (!parsed.success) throw new PamError('INVALID_INPUT', `${what}: ${describeIssues(parsed.error)}`);
  return parsed.data;
}

function checkedEndpoint(pool: string, { id, host, port, healthPath }: Endpoint): Endpoint {
  if (pool !== sharedPoolName && isIP(host) === 0)
    throw new PamError(
      'INVALID_INPUT',
      `node "${id}" of "${pool}": host "${host}" is a name: expected an IP address; only the shared pool may have named servers`,
    );
  return checked(endpointForm, { id, host, port, healthPath }, `node "${id}" of "${pool}"`);
}

export function createEnvoyRoutingTable({
  store,
  adminUrl,
  takenWithinMs = usualTakenWithinMs,
}: EnvoyRoutingOptions): RoutingTable & { close(): Promise<void> } {
  const admin = createEnvoyAdmin(adminUrl);
  const waiter: TakenWaiter = createTakenWaiter(store, takenWithinMs);
  const put = (pool: string, { version, changed }: ChangedPool): Promise<void> =>
    waiter.taken(pool, version, changed ? 'there' : 'unchanged');
  /** Also if the row was gone before: whoever removed it may not have seen the proxy take that. */
  const gone = async (pool: string, { version }: ChangedPool): Promise<void> => {
    if (version > 0) await waiter.taken(pool, version, 'gone');
  };
  return {
    putRule: async (rule) => {
      const { category, match } = checked(ruleForm, rule, `rule of "${rule.category}"`);
      await put(category, await store.putRule({ category, match }));
    },
    removeRule: async (category) => gone(category, await store.removeRule(category)),
    putEndpoint: async (pool, endpoint) =>
      put(pool, await store.putEndpoint(pool, checkedEndpoint(pool, endpoint))),
    removeEndpoint: async (pool, id) => gone(pool, await store.removeEndpoint(pool, id)),
    endpoints: (pool) => store.endpoints(pool),
    health: async (pool) => {
      const [hosts, endpoints] = await Promise.all([admin.hosts(), store.endpoints(pool)]);
      return new Map(
        endpoints.map((endpoint): [string, EndpointHealth] => [
          endpoint.id,
          healthOf(hosts.get(clusterOf(pool)), endpoint),
        ]),
      );
    },
    close: async () => {
      await Promise.all([waiter.close(), admin.close()]);
    },
  };
}

function healthOf(hosts: readonly HostStatus[] | undefined, { host, port }: Endpoint): EndpointHealth {
  const status = hosts?.find((one) => one.host === host && one.port === port);
  if (status === undefined || status.pending) return 'pending';
  return status.healthy ? 'healthy' : 'unhealthy';
}
