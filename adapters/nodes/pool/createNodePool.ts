/**
 * The node pool over Pulumi, for every node provider: one stack a category. A reconcile with nothing to do reads the ledger
 * and the provider's list, and runs no command; anything else is one change (`changePool.ts`) under the pool's lease.
 */
import { resolve } from 'node:path';
import { PamError } from '../../../core/errors';
import { createAnnouncedOrders } from '../../../infra/pulumi/announcedOrders';
import { serveProvider } from '../../../infra/pulumi/providerServer';
import type { Now } from '../../../ports/clock';
import type { ProviderSettings } from '../../../ports/nodeOrder';
import type { NodePool, PoolCall, PoolChange, PoolSpec } from '../../../ports/nodePool';
import type { NodeProvider } from '../../../ports/nodeProvider';
import type { RoutingTable } from '../../../ports/routingTable';
import type { LeaseStore } from '../../../ports/stores/nodes/leaseStore';
import type { PoolLedger } from '../../../ports/stores/nodes/poolLedger';
import { changePool, nothingToDo, type Order, type PoolWorld, plan } from './changePool';
import { confirmEndpoints, endpointChanges } from './confirmEndpoints';
import { drained, sweepRegularly } from './drains';
import { createNodeObserver } from './observeNodes';
import { createPoolLeases, createTurns } from './poolLease';
import { poolHandlers } from './poolResources';
import type { PoolStep } from './poolSteps';
import { forgetRoutes, removePool } from './removePool';
import type { EndProcesses } from './stacks/recoverStack';
import { createStackCommands } from './stacks/stackCommands';
import { createStackWorkspaces } from './stacks/stackWorkspaces';

/** A provider that is open, with what reads its part of the settings. */
export interface ProviderInUse {
  readonly provider: NodeProvider;
  /** @throws PamError REJECTED with every field that is wrong. */
  readonly parse: (written: ProviderSettings) => ProviderSettings;
}

export interface NodePoolOptions {
  /** By the name that a category's `nodes.provider` says. */
  readonly providers: Readonly<Record<string, ProviderInUse>>;
  /** Folder with what this worker keeps. */
  readonly stateDir: string;
  /** Absolute path of the Pulumi executable. */
  readonly pulumiBinary: string;
  /** Where Pulumi keeps its state; absent: files under `stateDir`. */
  readonly backendUrl?: string;
  readonly ledger: PoolLedger;
  readonly leases: LeaseStore;
  /** Identity of this process, that of no other: who holds the lease of a pool. */
  readonly holder: string;
  readonly routing: RoutingTable;
  readonly endProcesses: EndProcesses;
  readonly now: Now;
  /** Told of each order to the provider of Pulumi that was refused, because nobody here had announced it. */
  readonly onRefused?: (why: string) => void;
  /** Called after each step of a change; tests interrupt it there. */
  readonly afterStep?: (step: PoolStep, category: string) => void | Promise<void>;
}

export async function createNodePool(
  options: NodePoolOptions,
): Promise<NodePool & { close(): Promise<void> }> {
  const { providers, routing, now, ledger, pulumiBinary, backendUrl } = options;
  const all = Object.fromEntries(Object.entries(providers).map(([name, { provider }]) => [name, provider]));
  const stateDir = resolve(options.stateDir);
  const leases = createPoolLeases(options.leases, options.holder);
  /** Per stack: what our provider threw during the present command. */
  const failures = new Map<string, unknown>();
  const orders = createAnnouncedOrders();
  const server = await serveProvider({
    orders,
    ...(options.onRefused === undefined ? {} : { onRefused: options.onRefused }),
    handlers: poolHandlers(all, routing, leases.require),
    onFailure: ({ stack }, error) => failures.set(stack, error),
  });
  const workspaces = await createStackWorkspaces({
    stateDir,
    pulumiBinary,
    providerPort: server.port,
    ...(backendUrl === undefined ? {} : { backendUrl }),
  }).catch((error: unknown) => {
    server.close();
    throw error;
  });
  const world: PoolWorld = {
    ledger,
    routing,
    workspaces,
    commands: createStackCommands(workspaces, failures),
    orders,
    observer: createNodeObserver(routing, now),
    endProcesses: options.endProcesses,
    now,
    afterStep: options.afterStep ?? (() => undefined),
  };
  const inTurn = createTurns();
  const drains = sweepRegularly(Object.values(all));

  const orderOf = (spec: PoolSpec): Order => {
    const { category, nodes } = spec;
    if (!Number.isInteger(nodes) || nodes < 0)
      throw new PamError('INVALID_INPUT', `nodes of "${category}": expected a whole number, got ${nodes}`);
    const used = providers[spec.provider];
    if (used === undefined)
      throw new PamError(
        'REJECTED',
        `nodes.provider of "${category}": expected one of ${Object.keys(providers).join(', ')}, got "${spec.provider}"`,
      );
    return { spec, provider: used.provider, settings: used.parse(spec.settings) };
  };

  const reconcile = async (spec: PoolSpec, call?: PoolCall): Promise<PoolChange> => {
    const order = orderOf(spec);
    const { category, rule } = spec;
    const [before, known] = await Promise.all([ledger.get(category), routing.endpoints(category)]);
    let planned = await plan(world, order, before);
    if (await nothingToDo(order, before, planned)) {
      // Each time, as endpoints: a rule that is lost would be served by the shared pool unnoticed.
      if (rule !== null) await routing.putRule(rule);
      const { missing, surplus } = endpointChanges(known, planned.kept);
      if (missing.length + surplus.length > 0)
        await leases.hold(category, call?.signal, () =>
          confirmEndpoints(category, routing, () => order.provider.list(category)),
        );
    } else {
      planned = await leases.hold(category, call?.signal, (held) => changePool(world, order, call, held));
      if (planned.removed.length > 0) drains.wake();
    }
    return {
      created: planned.created.map((node) => node.id),
      removed: [...planned.removed],
      provisioned: planned.kept.length + planned.created.length,
    };
  };

  const remove = async (category: string, call?: PoolCall): Promise<PoolChange> => {
    const record = await ledger.get(category);
    const provider = record === null ? undefined : all[record.provider];
    const removed =
      record === null || provider === undefined
        ? []
        : await leases.hold(category, call?.signal, (held) =>
            removePool(world, category, record.provider, provider, call, held),
          );
    if (record === null) await forgetRoutes(routing, category);
    await drained(Object.values(all), now, category, call);
    return { created: [], removed, provisioned: 0 };
  };

  return {
    reconcile: (spec, call) => inTurn(spec.category, () => reconcile(spec, call)),
    async observe(category) {
      const record = await ledger.get(category);
      const provider = record === null ? undefined : all[record.provider];
      if (provider === undefined) return { nodes: [], provisioned: 0, routable: 0 };
      return world.observer.observe(category, await provider.list(category));
    },
    remove: (category, call) => inTurn(category, () => remove(category, call)),
    async close() {
      await drains.stop();
      server.close();
      await Promise.all(Object.values(all).map((provider) => provider.close()));
    },
  };
}
