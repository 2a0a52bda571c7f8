/** A change of a pool → what its Pulumi command may make, keep and delete, as it is announced to the provider before. */
import type { AnnouncedCommand, AnnouncedResource } from '../../../infra/pulumi/announcedOrders';
import { nodeInputs, nodeType, routingRuleType, ruleInputs, ruleName } from '../../../infra/pulumi/resources';
import type { NodeProvider, ProvidedNode, WantedPool } from '../../../ports/nodeProvider';

/** A command that only looks, such as a refresh. */
export const look = (category: string): AnnouncedCommand => ({ stack: category, wanted: [], dropped: [] });

/** @param name of the node provider, @param dropped the nodes that leave. */
export function updateOf(
  name: string,
  { nodes }: NodeProvider,
  { category, nodes: orders, rule }: WantedPool,
  dropped: readonly ProvidedNode[],
): AnnouncedCommand {
  const byOrder = nodes.kind === 'by order';
  const wanted = byOrder
    ? orders.map((order) => ({ type: nodeType(name), name: order.id, properties: nodeInputs(order) }))
    : [];
  return {
    stack: category,
    wanted: rule === null ? wanted : [...wanted, { ...ruleOf(category), properties: ruleInputs(rule) }],
    dropped: [
      ...(byOrder ? dropped.map((node) => droppedNode(name, category, node)) : []),
      ...(rule === null ? [ruleOf(category)] : []),
    ],
  };
}

export function removalOf(
  name: string,
  { nodes }: NodeProvider,
  category: string,
  listed: readonly ProvidedNode[],
): AnnouncedCommand {
  const gone = nodes.kind === 'by order' ? listed.map((node) => droppedNode(name, category, node)) : [];
  return { stack: category, wanted: [], dropped: [...gone, ruleOf(category)] };
}

const ruleOf = (category: string): AnnouncedResource => ({
  ...{ type: routingRuleType, name: ruleName(category), id: category },
  properties: { category },
});

function droppedNode(name: string, category: string, { id, order }: ProvidedNode): AnnouncedResource {
  const properties = { category, template: { drainMs: order?.template.drainMs ?? 0 } };
  return { type: nodeType(name), name: id, properties };
}
