/**
 * One change of a pool, made by whoever holds it: what an interrupted one left is recovered, what is wanted is noted in the
 * ledger, the stack is brought up to date, the number is set, what is not wanted any more drains, and the ledger says that
 * it is so. Whatever interrupts it, the next change finds every node in the provider's list and goes on from there.
 */
import { isDeepStrictEqual } from 'node:util';
import { PamError } from '../../../core/errors';
import type { AnnouncedOrders } from '../../../infra/pulumi/announcedOrders';
import { categoryProgram } from '../../../infra/pulumi/categoryProgram';
import { targetOf } from '../../../infra/pulumi/target';
import type { Now } from '../../../ports/clock';
import type { ProviderSettings } from '../../../ports/nodeOrder';
import type { PoolCall, PoolSpec } from '../../../ports/nodePool';
import type { NodeProvider } from '../../../ports/nodeProvider';
import type { RoutingTable } from '../../../ports/routingTable';
import type { LedgerRecord, PoolLedger } from '../../../ports/stores/nodes/poolLedger';
import { look, updateOf } from './announcedCommands';
import { confirmEndpoints } from './confirmEndpoints';
import type { NodeObserver } from './observeNodes';
import type { HeldPool } from './poolLease';
import { type PoolPlan, planPool, wantedPool } from './poolPlan';
import type { PoolStep } from './poolSteps';
import type { PoolTroubles } from './poolTrouble';
import { pruneBackend } from './stacks/pruneBackend';
import { type EndProcesses, recoverStack } from './stacks/recoverStack';
import type { StackCommands } from './stacks/stackCommands';
import { projectName, type StackWorkspaces } from './stacks/stackWorkspaces';

/** Resources that one command makes at the same time. */
export const parallel = 16;

export interface PoolWorld {
  readonly ledger: PoolLedger;
  readonly routing: RoutingTable;
  readonly workspaces: StackWorkspaces;
  readonly commands: StackCommands;
  /** What each command may have done: announced before it starts. */
  readonly orders: AnnouncedOrders;
  readonly observer: NodeObserver;
  readonly endProcesses: EndProcesses;
  readonly troubles: PoolTroubles;
  readonly now: Now;
  readonly afterStep: (step: PoolStep, category: string) => void | Promise<void>;
}

/** A spec with the provider that it names, and its settings as that provider's schema has parsed them. */
export interface Order {
  readonly spec: PoolSpec;
  readonly provider: NodeProvider;
  readonly settings: ProviderSettings;
}

export async function plan(
  { observer, now, troubles }: PoolWorld,
  { spec, provider, settings }: Order,
  ledger: LedgerRecord | null,
): Promise<PoolPlan> {
  const listed = await provider.list(spec.category);
  return planPool(spec, settings, listed, {
    observer,
    nowMs: now(),
    ordered: ledger?.nodes ?? [],
    wantedBefore: ledger?.wanted,
    trouble: (nodes) => troubles.of(spec.category, nodes, { template: spec.template, settings }),
  });
}

/** True if the last change may have left Pulumi's state locked or behind. */
export function leftUnfinished(
  { commands }: Pick<PoolWorld, 'commands'>,
  ledger: LedgerRecord | null,
  category: string,
): boolean {
  return (ledger?.phase === 'updating' && ledger.hasStack !== false) || commands.leftOpen(category);
}

/** Puts back on record what runs and is on none, before anything is decided on the record. */
async function find(
  { troubles }: PoolWorld,
  { spec, provider }: Order,
  before: LedgerRecord | null,
): Promise<void> {
  const { category } = spec;
  await troubles.mended((await provider.find?.(category)) ?? []);
  if (before !== null) return;
  const there = (await provider.list(category)).filter(({ presence }) => presence !== 'ended');
  if (there.length > 0)
    await troubles.mended([
      { category, what: `the ledger did not know of ${there.length} nodes that exist: they are taken over` },
    ]);
}

/** True if nothing was provisioned yet and nothing is to be: then only the rule is put in place, and no command runs. */
function needsNoStack(ledger: LedgerRecord | null, planned: PoolPlan): boolean {
  const none = planned.kept.length + planned.created.length + planned.removed.length === 0;
  return none && (ledger === null || ledger.hasStack === false);
}

/** True if the ledger, the nodes and the structure are as the spec wants them. */
export async function nothingToDo(
  { spec, provider, settings }: Order,
  ledger: LedgerRecord | null,
  planned: PoolPlan,
): Promise<boolean> {
  if (ledger === null || ledger.phase !== 'applied' || ledger.provider !== spec.provider) return false;
  if (planned.created.length + planned.removed.length > 0) return false;
  if (!isDeepStrictEqual(ledger.rule, spec.rule)) return false;
  if (provider.nodes.kind === 'by number' && !needsNoStack(ledger, planned))
    return provider.nodes.declared(wantedPool(planned, spec, settings));
  return isDeepStrictEqual([...ledger.nodes].sort(), planned.kept.map(({ id }) => id).sort());
}

/** Brings what Pulumi keeps here in order; call it before the first command after one that did not end well. */
export async function recover(
  world: PoolWorld,
  category: string,
  call: PoolCall | undefined,
  held: HeldPool,
): Promise<void> {
  const { commands, orders, endProcesses, workspaces } = world;
  const what = `recovery of the nodes of "${category}"`;
  await orders.during(look(category), () =>
    commands.run(category, what, call, held.lost, async (stack, how) => {
      call?.progress?.(`the last update of "${category}" did not end: recovering`);
      await recoverStack(stack, category, { endProcesses, backendUrl: workspaces.backendUrl }, how);
    }),
  );
}

/** Takes nodes out of the proxy and lets them drain. */
export async function giveUp(
  { routing }: PoolWorld,
  provider: NodeProvider,
  category: string,
  ids: readonly string[],
  drainMs: (id: string) => number,
): Promise<void> {
  for (const id of ids) {
    await routing.removeEndpoint(category, id);
    if (provider.nodes.kind === 'by order') await provider.nodes.retire(category, id, drainMs(id));
  }
}

/** @returns what was changed; nothing where another worker has done it meanwhile. */
export async function changePool(
  world: PoolWorld,
  order: Order,
  call: PoolCall | undefined,
  held: HeldPool,
): Promise<PoolPlan> {
  const { ledger, routing, workspaces, commands, orders, afterStep } = world;
  const { spec, provider, settings } = order;
  const { category, rule } = spec;
  const before = await ledger.get(category);
  if (before !== null && before.provider !== spec.provider)
    throw new PamError(
      'REJECTED',
      `nodes.provider of "${category}": its nodes were made by "${before.provider}"; stop the category, then start it with "${spec.provider}"`,
    );
  if (leftUnfinished(world, before, category)) await recover(world, category, call, held);
  await find(world, order, before);
  const planned = await plan(world, order, before);
  if (planned.held !== null) await world.troubles.mended([{ category, what: planned.held }]);
  await afterStep('planned', category);
  if (!(await nothingToDo(order, before, planned))) {
    const wanted = wantedPool(planned, spec, settings);
    const nodes = [...planned.kept, ...planned.created].map(({ id }) => id);
    const bare = needsNoStack(before, planned);
    const entry = { nodes, rule, wanted: spec.nodes, ...(bare ? { hasStack: false as const } : {}) };
    await ledger.put(category, spec.provider, { ...entry, phase: 'updating' }, held.lease);
    await afterStep('noted', category);
    const program = categoryProgram(wanted, targetOf(spec.provider, provider.nodes));
    const message = `${wanted.count} nodes for ${spec.createdBy}`;
    if (!bare && (provider.nodes.kind === 'by order' || !(await provider.nodes.declared(wanted))))
      await orders.during(updateOf(spec.provider, provider, wanted, planned.dropped), () =>
        commands.run(category, `update of the nodes of "${category}"`, call, held.lost, (stack, how) =>
          stack.up({ program, parallel, message, ...how }),
        ),
      );
    await afterStep('declared', category);
    held.lost.throwIfAborted();
    // Of nodes by order those that no state of Pulumi's knew of, or that had ended: they were nobody's to delete.
    await giveUp(world, provider, category, planned.removed, () => spec.template.drainMs);
    await afterStep('retired', category);
    if (!bare && provider.nodes.kind === 'by number')
      await provider.nodes.setNumber(category, wanted.count, planned.removed);
    await afterStep('numbered', category);
    await ledger.put(category, spec.provider, { ...entry, phase: 'applied' }, held.lease);
    await afterStep('applied', category);
    if (!bare) await pruneBackend(workspaces.backendUrl, workspaces.pulumiHome, projectName, category);
    await provider.tidy?.(category);
  }
  if (rule !== null) await routing.putRule(rule);
  await confirmEndpoints(category, routing, () => provider.list(category));
  return planned;
}
