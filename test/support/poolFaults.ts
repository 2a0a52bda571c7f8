/** A pool as it should be in, every difference out: between the ledger, processes, the discovery files and the proxy itself. */
import { readFileSync } from 'node:fs';
import type { EnvoyAdmin } from '../../adapters/envoy/adminClient';
import { clusterOf } from '../../adapters/envoy/statNames';
import { type ProcessIdentity, processesWithEnvironment } from '../../adapters/nodes/local/processIdentity';
import type { RoutingTable } from '../../ports/routingTable';
import type { PoolLedger } from '../../ports/stores/nodes/poolLedger';

export interface NodeProcess extends ProcessIdentity {
  readonly category: string;
  readonly id: string;
}

/** Every process of a node that a worker with one of these state folders has started, from its own environment. */
export function nodeProcesses(stateDirs: ReadonlySet<string>): NodeProcess[] {
  return [...stateDirs].flatMap((stateDir) =>
    processesWithEnvironment({ PAM_STATE: stateDir }, 'PAM_NODE_ID').flatMap((identity) => {
      try {
        const environment = readFileSync(`/proc/${identity.pid}/environ`, 'utf8').split('\0');
        const variable = (name: string) =>
          environment.find((line) => line.startsWith(`${name}=`))?.slice(name.length + 1) ?? '';
        return [{ ...identity, category: variable('PAM_CATEGORY'), id: variable('PAM_NODE_ID') }];
      } catch {
        return [];
      }
    }),
  );
}

export interface PoolViews {
  readonly ledger: Pick<PoolLedger, 'get'>;
  readonly routing: Pick<RoutingTable, 'endpoints'>;
  readonly envoyAdmin: Pick<EnvoyAdmin, 'hosts'>;
  readonly stateDirs: ReadonlySet<string>;
}

export const sorted = (ids: readonly string[]): string[] => [...ids].sort();

/** Empty if the pool has exactly `nodes` nodes, the same ones everywhere, all healthy, and no change is under way. */
export async function poolFaults(views: PoolViews, pool: string, nodes: number): Promise<string[]> {
  const record = await views.ledger.get(pool);
  const wanted = sorted(record?.nodes ?? []);
  const faults: string[] = [];
  const same = (what: string, ids: readonly string[]): void => {
    if (sorted(ids).join() !== wanted.join())
      faults.push(`${pool}: ${what} [${sorted(ids)}], ledger [${wanted}]`);
  };
  if (record?.phase !== 'applied') faults.push(`${pool}: ledger ${record?.phase ?? 'empty'}`);
  if (wanted.length !== nodes) faults.push(`${pool}: ledger has ${wanted.length} nodes, expected ${nodes}`);
  const running = nodeProcesses(views.stateDirs).filter(({ category }) => category === pool);
  same(
    'processes',
    running.map(({ id }) => id),
  );
  const endpoints = await views.routing.endpoints(pool);
  same(
    'endpoints',
    endpoints.map(({ id }) => id),
  );
  const hosts = ((await views.envoyAdmin.hosts()).get(clusterOf(pool)) ?? []).filter(({ port }) => port > 0);
  same(
    'healthy in the proxy',
    hosts.flatMap(({ port, healthy, pending }) =>
      healthy && !pending ? [endpoints.find((endpoint) => endpoint.port === port)?.id ?? `port ${port}`] : [],
    ),
  );
  return faults;
}
