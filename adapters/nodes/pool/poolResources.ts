/**
 * What the `pam` provider does when Pulumi creates, reads or deletes a node or a rule: a node is what its node provider
 * makes plus an endpoint of the proxy, a rule is an entry of the proxy. A deleted node is taken out of the proxy, asked to
 * finish, and not waited for, so that giving up nodes never holds up an update.
 */
import { z } from 'zod';
import type { RoutingMatch } from '../../../core/routing/rule';
import type { Properties, ResourceHandler } from '../../../infra/pulumi/resourceHandler';
import { nodeType, routingRuleType } from '../../../infra/pulumi/resources';
import type { NodeOrder } from '../../../ports/nodeOrder';
import {
  type NodeEnd,
  NodeEndedAtOnce,
  type NodeProvider,
  type NodesByOrder,
  type ProvidedNode,
} from '../../../ports/nodeProvider';
import type { RoutingTable } from '../../../ports/routingTable';
import { endpointOf } from './confirmEndpoints';

/** Puts on record that a node ended while it was being made. */
export type RecordEnd = (order: NodeOrder, end: NodeEnd) => Promise<void>;

/** Every change of a node asks it first: throws PamError CONFLICT unless this process holds the pool. */
export type RequireHeld = (category: string) => void;

const placed = z.looseObject({ category: z.string(), template: z.looseObject({ drainMs: z.number() }) });

const withAddress = (properties: Properties, node: ProvidedNode): Properties => ({
  ...properties,
  ...node.facts,
  host: node.endpoint?.host,
  port: node.endpoint?.port,
});

function nodeHandler(
  provider: Pick<NodeProvider, 'list'>,
  nodes: NodesByOrder,
  routing: RoutingTable,
  requireHeld: RequireHeld,
  recordEnd: RecordEnd,
): ResourceHandler {
  return {
    async create({ name }, inputs) {
      // Written by `NodeResource` from an order, in this process: the shape is known.
      const { tags: _tags, ...rest } = inputs;
      const order = { ...rest, id: name } as unknown as NodeOrder;
      requireHeld(order.category);
      // Pulumi's state may be another worker's or lost: then the node of this id that exists is the one wanted.
      const node = await nodes.make(order).catch(async (error: unknown) => {
        if (error instanceof NodeEndedAtOnce) await recordEnd(order, error.end).catch(() => undefined);
        throw error;
      });
      // What fails from here on leaves a node that the provider lists: the next change counts it.
      requireHeld(order.category);
      const endpoint = endpointOf(node);
      if (endpoint !== null) await routing.putEndpoint(order.category, endpoint);
      return { id: name, properties: withAddress(inputs, node) };
    },
    async read(id, properties) {
      const listed = await provider.list(placed.parse(properties).category);
      const node = listed.find((one) => one.id === id);
      return node === undefined || node.presence === 'ended' ? null : withAddress(properties, node);
    },
    async delete(id, properties) {
      const { category, template } = placed.parse(properties);
      requireHeld(category);
      await routing.removeEndpoint(category, id);
      await nodes.retire(category, id, template.drainMs);
    },
  };
}

const ruled = z.looseObject({ category: z.string() });

function ruleHandler(routing: RoutingTable): ResourceHandler {
  const put = async (inputs: Properties): Promise<{ id: string; properties: Properties }> => {
    const { category } = ruled.parse(inputs);
    await routing.putRule({ category, match: inputs.match as RoutingMatch });
    return { id: category, properties: inputs };
  };
  return {
    create: (_name, inputs) => put(inputs),
    read: async (_id, properties) => properties,
    update: async (_id, inputs) => (await put(inputs)).properties,
    delete: (_id, properties) => routing.removeRule(ruled.parse(properties).category),
  };
}

/** The handlers of every type, by type token. */
export function poolHandlers(
  providers: Readonly<Record<string, NodeProvider>>,
  routing: RoutingTable,
  requireHeld: RequireHeld,
  recordEnd: RecordEnd,
): Record<string, ResourceHandler> {
  const nodes = Object.entries(providers).flatMap(([name, provider]) => {
    const made = provider.nodes;
    return made.kind === 'by order'
      ? [[nodeType(name), nodeHandler(provider, made, routing, requireHeld, recordEnd)] as const]
      : [];
  });
  return { ...Object.fromEntries(nodes), [routingRuleType]: ruleHandler(routing) };
}
