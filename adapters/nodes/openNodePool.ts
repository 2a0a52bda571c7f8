/** What a worker has → its node pool, with every provider of the registry. */

import { sharedPoolName } from '../../ports/routingTable';
import type { CategoryStore } from '../../ports/stores/categoryStore';
import { processesWithEnvironment, signalProcess } from './local/processIdentity';
import {
  createNodePool,
  type NodePoolOptions,
  type OpenNodePool,
  type PoolStanding,
  type ProviderInUse,
} from './pool';
import { parserOf } from './providerSettings';
import { nodeProviders, type ProviderWorld } from './registry';

export type OpenNodePoolOptions = Omit<NodePoolOptions, 'providers' | 'endProcesses'> &
  Omit<ProviderWorld, 'random'> & {
    /** Uniform in [0, 1), for the choice of ports. */
    readonly random?: () => number;
    readonly categories?: Pick<CategoryStore, 'get'>;
  };

export async function openNodePool(options: OpenNodePoolOptions): Promise<OpenNodePool> {
  const world = { ...options, random: options.random ?? Math.random };
  const providers = Object.entries(nodeProviders).map(([name, definition]): [string, ProviderInUse] => [
    name,
    { provider: definition.open(world), parse: parserOf(name, definition.settings) },
  ]);
  const { categories } = options;
  const standing = async (category: string): Promise<PoolStanding> => {
    if (category === sharedPoolName || categories === undefined) return 'wanted';
    const known = await categories.get(category);
    return known === null ? 'unknown' : known.status === 'running' ? 'wanted' : 'stopped';
  };
  return createNodePool({ standing, ...options, providers: Object.fromEntries(providers), endProcesses });
}

/** Ends what a killed worker left running. */
export function endProcesses(environment: Readonly<Record<string, string>>): void {
  for (const identity of processesWithEnvironment(environment)) signalProcess(identity, 'SIGKILL');
}
