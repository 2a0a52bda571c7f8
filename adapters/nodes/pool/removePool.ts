/** The end of a pool, made by whoever holds it: its stack, its rule and its entry in the ledger gone, its nodes drain. */
import { rmSync } from 'node:fs';
import type { PoolCall } from '../../../ports/nodePool';
import type { NodeProvider } from '../../../ports/nodeProvider';
import type { RoutingTable } from '../../../ports/routingTable';
import { removalOf } from './announcedCommands';
import { giveUp, leftUnfinished, type PoolWorld, parallel, recover } from './changePool';
import type { HeldPool } from './poolLease';
import { forgetStack } from './stacks/pruneBackend';
import { projectName } from './stacks/stackWorkspaces';

/** @returns ids of the nodes that were there. */
export async function removePool(
  world: PoolWorld,
  category: string,
  name: string,
  provider: NodeProvider,
  call: PoolCall | undefined,
  held: HeldPool,
): Promise<string[]> {
  const { ledger, routing, workspaces, commands, orders, afterStep } = world;
  const before = await ledger.get(category);
  const nodes = await provider.list(category);
  const ids = nodes.map(({ id }) => id);
  const bare =
    before?.hasStack === false && provider.nodes.kind === 'by order' && !commands.leftOpen(category);
  if (leftUnfinished(world, before, category)) await recover(world, category, call, held);
  await afterStep('planned', category);
  await ledger.put(
    category,
    name,
    { phase: 'updating', nodes: [], rule: null, ...(bare ? { hasStack: false } : {}) },
    held.lease,
  );
  await afterStep('noted', category);
  if (provider.nodes.kind === 'by number') {
    // They drain while their structure is still there.
    await giveUp(world, provider, category, ids, () => 0);
    await provider.nodes.setNumber(category, 0, ids);
    await afterStep('numbered', category);
  }
  const what = `removal of the nodes of "${category}"`;
  if (!bare)
    await orders.during(removalOf(name, provider, category, nodes), () =>
      commands.run(category, what, call, held.lost, async (stack, how) => {
        await stack.destroy({ parallel, ...how });
        await stack.workspace.removeStack(category, { force: true });
      }),
    );
  await afterStep('declared', category);
  // Those that another worker's stack knows of, or none.
  const drainMs = new Map(nodes.map(({ id, order }) => [id, order?.template.drainMs ?? 0]));
  await giveUp(world, provider, category, ids, (id) => drainMs.get(id) ?? 0);
  await forgetRoutes(routing, category);
  await afterStep('retired', category);
  workspaces.forget(category);
  await forgetStack(workspaces.backendUrl, projectName, category);
  rmSync(workspaces.workFolder(category), { recursive: true, force: true });
  await ledger.remove(category, held.lease);
  await afterStep('applied', category);
  return ids;
}

/** What the proxy knows of a category whose pool is gone. */
export async function forgetRoutes(routing: RoutingTable, category: string): Promise<void> {
  await routing.removeRule(category);
  for (const endpoint of await routing.endpoints(category))
    await routing.removeEndpoint(category, endpoint.id);
}
