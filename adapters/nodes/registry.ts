/**
 * The node providers by the name that `nodes.provider` says. A new one is a folder beside this file, a line here and its
 * name in `core/category/nodeProviders.ts`; docs/extending/node-provider.md is the recipe.
 */
import type { z } from 'zod';
import type { NodeProviderName } from '../../core/category/nodeProviders';
import type { Policy } from '../../core/policy/schema';
import type { Now } from '../../ports/clock';
import type { ProviderSettings } from '../../ports/nodeOrder';
import type { NodeProvider } from '../../ports/nodeProvider';
import type { LocalNodeStore } from '../../ports/stores/nodes/localNodeStore';
import { createLocalProvider } from './local/localProvider';
import { localRefusals } from './local/localRefusals';
import { thisMachine } from './local/machine';
import { type LocalSettings, localSettings } from './local/settings';

/** What a provider may need of the worker that it runs in. */
export interface ProviderWorld {
  /** Folder of this worker, for caches. */
  readonly stateDir: string;
  readonly localNodes: LocalNodeStore;
  readonly now: Now;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Identity of this machine; absent: found out. */
  readonly machine?: string;
  /** Compiled built-in node, where it is not at its usual place. */
  readonly builtInNode?: string;
  /** Who runs local nodes and where their working directories are: `nodes.local` of the configuration. */
  readonly nodeUser?: string;
  readonly nodeFolder?: string;
  /** Told once of what a provider can't hold on this system. */
  readonly warn?: (what: string) => void;
  /** What nodes may run and know on this worker. Absent: whoever opens the pool answers for what is ordered. */
  readonly policy?: Policy;
}

export interface ProviderDefinition {
  /** Its own part of a category's settings, as written. */
  readonly settings: z.ZodObject;
  /** What the policy of a worker refuses in that part, parsed, by field with the setting of the policy. */
  readonly refusals: (part: ProviderSettings, policy: Policy) => readonly string[];
  readonly open: (world: ProviderWorld) => NodeProvider;
}

export const nodeProviders: Readonly<Record<NodeProviderName, ProviderDefinition>> = {
  local: {
    settings: localSettings,
    refusals: (part, policy) => localRefusals(part as LocalSettings, policy),
    open: ({ localNodes, machine = thisMachine(), ...world }) =>
      createLocalProvider({ ...world, machine, store: localNodes }),
  },
};
