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
import type { NodeProvider, PoolFinding } from '../../../ports/nodeProvider';
import type { RoutingTable } from '../../../ports/routingTable';
import type { LeaseStore } from '../../../ports/stores/nodes/leaseStore';
import type { PoolLedger } from '../../../ports/stores/nodes/poolLedger';
import type { PoolTroubleStore } from '../../../ports/stores/nodes/poolTroubleStore';
import { changePool, nothingToDo, type Order, type PoolWorld, plan } from './changePool';
import { confirmEndpoints, endpointChanges } from './confirmEndpoints';
import { drained, searchRegularly, sweepRegularly } from './drains';
import { createNodeObserver } from './observeNodes';
import { createPoolLeases, createTurns } from './poolLease';
import { poolHandlers } from './poolResources';
import type { PoolStep } from './poolSteps';
import { createPoolTroubles } from './poolTrouble';
import { forgetRoutes, removePool } from './removePool';
import { commandsOf, type EndProcesses } from './stacks/recoverStack';
import { createStackCommands } from './stacks/stackCommands';
import { createStackWorkspaces } from './stacks/stackWorkspaces';
import { createPoolSurveyor, type PoolSurveyor } from './surveyPools';

/** How long nodes of a category that nobody knows may wait for it to be started again, ms. */
const unclaimedForMs = 600_000;

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
  readonly troubles: PoolTroubleStore;
  readonly routing: RoutingTable;
  readonly endProcesses: EndProcesses;
  readonly now: Now;
  /** Whether a category whose nodes were found without a ledger entry may have nodes. Absent: wanted. */
  readonly standing?: (category: string) => Promise<PoolStanding>;
  /** Takes a line on what was mended, for the log. */
  readonly report?: (line: string) => void;
  /** Told of each order to the provider of Pulumi that was refused, because nobody here had announced it. */
  readonly onRefused?: (why: string) => void;
  /** Called after each step of a change; tests interrupt it there. */
  readonly afterStep?: (step: PoolStep, category: string) => void | Promise<void>;
}

/** `unknown`: nobody knows such a category, or not yet. */
export type PoolStanding = 'wanted' | 'stopped' | 'unknown';

/** A pool with what an operator may ask of it. */
export type OpenNodePool = NodePool & PoolSurveyor & { close(): Promise<void> };

export async function createNodePool(options: NodePoolOptions): Promise<OpenNodePool> {
  const { providers, routing, now, ledger, pulumiBinary, backendUrl } = options;
  const all = Object.fromEntries(Object.entries(providers).map(([name, { provider }]) => [name, provider]));
  const stateDir = resolve(options.stateDir);
  const standing = options.standing ?? (async () => 'wanted' as const);
  const leases = createPoolLeases(options.leases, options.holder);
  const troubles = createPoolTroubles(options.troubles, now, options.report ?? (() => undefined));
  /** Per stack: what our provider threw during the present command. */
  const failures = new Map<string, unknown>();
  const orders = createAnnouncedOrders();
  const server = await serveProvider({
    orders,
    ...(options.onRefused === undefined ? {} : { onRefused: options.onRefused }),
    handlers: poolHandlers(all, routing, leases.require, troubles.ended),
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
    commands: createStackCommands({
      ...{ workspaces, failures },
      endCommands: (category) => options.endProcesses(commandsOf(workspaces.backendUrl, category)),
      mended: (category, what) => troubles.mended([{ category, what }]),
    }),
    orders,
    observer: createNodeObserver(routing, now),
    endProcesses: options.endProcesses,
    troubles,
    now,
    afterStep: options.afterStep ?? (() => undefined),
  };
  const inTurn = createTurns();
  const drains = sweepRegularly(Object.values(all));

  /** The provider that has the category's nodes: the ledger says, or if it lost that, whoever lists some. */
  const providerOf = async (
    category: string,
  ): Promise<{ readonly name: string; readonly provider: NodeProvider; readonly known: number } | null> => {
    const record = await ledger.get(category);
    const provider = record === null ? undefined : all[record.provider];
    if (record !== null && provider !== undefined)
      return { name: record.provider, provider, known: record.nodes.length };
    for (const [name, one] of Object.entries(all))
      if ((await one.list(category)).length > 0) return { name, provider: one, known: 0 };
    return null;
  };

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
      // Whoever could tell of them may be gone for ever, and they may run here.
      if (planned.kept.some(({ presence }) => presence === 'unknown'))
        await troubles.mended((await order.provider.find?.(category)) ?? []);
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
    // What no record tells of any more must go, too.
    for (const one of Object.values(all)) await one.find?.(category);
    const found = await providerOf(category);
    const removed =
      found === null
        ? []
        : await leases.hold(category, call?.signal, (held) =>
            removePool(world, category, found.name, found.provider, call, held),
          );
    if (found === null) await forgetRoutes(routing, category);
    await drained(Object.values(all), now, category, call);
    return { created: [], removed, provisioned: 0 };
  };

  /** Categories whose nodes were found without an entry in the ledger, and since when, ms. */
  const unclaimed = new Map<string, number>();
  /** Nodes that were found and that nobody wants any more go as those of a pool that is removed. */
  const takeIn = async (findings: readonly PoolFinding[]): Promise<void> => {
    await troubles.mended(findings);
    for (const { category } of findings) unclaimed.set(category, unclaimed.get(category) ?? now());
    for (const [category, sinceMs] of unclaimed) {
      const found = (await ledger.get(category)) === null ? await standing(category) : 'claimed';
      const waits = found === 'unknown' && now() - sinceMs < unclaimedForMs;
      if (waits) continue;
      unclaimed.delete(category);
      if (found === 'claimed' || found === 'wanted') continue;
      await inTurn(category, () => remove(category));
      await troubles.mended([{ category, what: 'its nodes were removed: no such category runs' }]);
    }
  };
  const searches = searchRegularly(Object.values(all), takeIn);

  const { survey, repair } = createPoolSurveyor(world, all, leases, troubles.mended);

  return {
    survey,
    repair: (category) => inTurn(category, () => repair(category)),
    reconcile: (spec, call) => inTurn(spec.category, () => reconcile(spec, call)),
    async observe(category) {
      const found = await providerOf(category);
      if (found === null) return { nodes: [], provisioned: 0, routable: 0 };
      const { provider, known } = found;
      let listed = await provider.list(category);
      if (listed.length < known && provider.find !== undefined) {
        await troubles.mended(await provider.find(category));
        listed = await provider.list(category);
      }
      return world.observer.observe(category, listed);
    },
    confirmRule: (rule) => routing.putRule(rule),
    remove: (category, call) => inTurn(category, () => remove(category, call)),
    async close() {
      await Promise.all([drains.stop(), searches.stop()]);
      server.close();
      await Promise.all(Object.values(all).map((provider) => provider.close()));
    },
  };
}
