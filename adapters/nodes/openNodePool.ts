/** What a worker has → its node pool, with every provider of the registry. */
import type { NodePool } from '../../ports/nodePool';
import { processesWithEnvironment, signalProcess } from './local/processIdentity';
import { createNodePool, type NodePoolOptions, type ProviderInUse } from './pool';
import { parserOf } from './providerSettings';
import { nodeProviders, type ProviderWorld } from './registry';

export type OpenNodePoolOptions = Omit<NodePoolOptions, 'providers' | 'endProcesses'> &
  Omit<ProviderWorld, 'random'> & {
    /** Uniform in [0, 1), for the choice of ports. */
    readonly random?: () => number;
  };

export async function openNodePool(
  options: OpenNodePoolOptions,
): Promise<NodePool & { close(): Promise<void> }> {
  const world = { ...options, random: options.random ?? Math.random };
  const providers = Object.entries(nodeProviders).map(([name, definition]): [string, ProviderInUse] => [
    name,
    { provider: definition.open(world), parse: parserOf(name, definition.settings) },
  ]);
  return createNodePool({ ...options, providers: Object.fromEntries(providers), endProcesses });
}

/** Ends what a killed worker left running. */
export function endProcesses(environment: Readonly<Record<string, string>>): void {
  for (const identity of processesWithEnvironment(environment)) signalProcess(identity, 'SIGKILL');
}
