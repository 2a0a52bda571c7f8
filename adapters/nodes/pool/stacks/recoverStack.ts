/**
 * After an update that did not end (its worker was killed, it was cancelled, it failed): the lock is lifted, nodes that
 * exist without being in the state are drained, nodes in the state that do not exist are dropped from it.
 */
import type { Stack } from '@pulumi/pulumi/automation';
import { z } from 'zod';
import { nodeType } from '../../../../infra/pulumi/localResources';
import type { Now } from '../../../../ports/clock';
import type { RoutingTable } from '../../../../ports/routingTable';
import { listNodes } from '../../local/nodeRecord';
import { processesWithEnvironment, signalProcess } from '../../local/processIdentity';
import { beginDrain } from '../../local/stopNode';
import { updateOfVariable } from './stackWorkspaces';

const deploymentShape = z.object({
  resources: z.array(z.object({ type: z.string(), id: z.string().optional() })).nullish(),
});

/**
 * Call it only while holding the category's lock: it ends whatever else acts on the stack.
 * @returns ids of the nodes that were given up because no state knows them.
 */
export async function recoverStack(
  stack: Stack,
  category: string,
  context: {
    readonly stateDir: string;
    readonly pulumiHome: string;
    readonly routing: RoutingTable;
    readonly now: Now;
  },
  call: { readonly signal?: AbortSignal; readonly onOutput: (text: string) => void },
): Promise<string[]> {
  // A command outlives its killed worker for a moment and would save its own idea of the state over ours.
  const left = processesWithEnvironment({ PULUMI_HOME: context.pulumiHome, [updateOfVariable]: category });
  for (const identity of left) signalProcess(identity, 'SIGKILL');
  // Fails where there is nothing to cancel, which is as good.
  await stack.cancel().catch(() => undefined);
  const deployment = deploymentShape.parse((await stack.exportStack()).deployment ?? {});
  const known = new Set(
    (deployment.resources ?? [])
      .filter((resource) => resource.type === nodeType)
      .map((resource) => resource.id),
  );
  const orphans = listNodes(context.stateDir, category).filter(
    (node) => node.drainUntilMs === null && !known.has(node.id),
  );
  for (const orphan of orphans) {
    await context.routing.removeEndpoint(category, orphan.id);
    beginDrain(context.stateDir, category, orphan.id, orphan.template.drainMs, context.now);
  }
  const { signal, onOutput } = call;
  await stack.refresh({
    clearPendingCreates: true,
    color: 'never',
    onOutput,
    ...(signal === undefined ? {} : { signal }),
  });
  return orphans.map((node) => node.id);
}
