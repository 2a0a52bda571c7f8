/**
 * What the `pam` provider does for local nodes and rules: a node is a process plus an endpoint of the proxy, a rule is
 * an entry of the proxy. Deleting a node takes it out of the proxy, asks it to finish and returns: the rest of the
 * drain is on disk and completed by `finishDrains`, so that giving up nodes never holds up an update.
 */
import { z } from 'zod';
import type { RoutingMatch } from '../../../core/routing/rule';
import { nodeType, routingRuleType } from '../../../infra/pulumi/localResources';
import type { Properties, ResourceHandler } from '../../../infra/pulumi/resourceHandler';
import type { Now } from '../../../ports/clock';
import type { NodeOrder } from '../../../ports/nodeOrder';
import type { RoutingTable } from '../../../ports/routingTable';
import { type NodeRecord, readNodeRecord } from './nodeRecord';
import { type StartNodeOptions, startNode } from './startNode';
import { beginDrain, nodeRuns } from './stopNode';

export interface LocalHandlerOptions extends StartNodeOptions {
  readonly routing: RoutingTable;
  readonly now: Now;
}

const placed = z.looseObject({ category: z.string(), template: z.looseObject({ drain: z.number() }) });

function withProcess(properties: Properties, record: NodeRecord): Properties {
  const { host, port, pid, startTicks, log } = record;
  return { ...properties, host, port, pid, startTicks, log };
}

/** Tells the proxy where the node is. */
export function announce(routing: RoutingTable, node: NodeRecord): Promise<void> {
  const { id, host, port, template } = node;
  return routing.putEndpoint(node.category, { id, host, port, healthPath: template.healthPath });
}

function nodeHandler(options: LocalHandlerOptions): ResourceHandler {
  const { stateDir, routing, now } = options;
  return {
    async create({ name }, inputs) {
      // Written by `LocalNode` from an order, in this process: the shape is known.
      const { tags: _tags, ...rest } = inputs;
      const order = { ...rest, id: name } as unknown as NodeOrder;
      const existing = readNodeRecord(stateDir, order.category, name);
      // Pulumi's state was lost or is behind: the node of this id that runs is the one wanted, not a second one.
      const record =
        existing !== null && existing.drainUntilMs === null && nodeRuns(existing)
          ? existing
          : await startNode(order, options);
      try {
        await announce(routing, record);
      } catch (error) {
        beginDrain(stateDir, record.category, record.id, 0, now);
        throw error;
      }
      return { id: record.id, properties: withProcess(inputs, record) };
    },
    async read(id, properties) {
      const record = readNodeRecord(stateDir, placed.parse(properties).category, id);
      if (record === null || record.drainUntilMs !== null || !nodeRuns(record)) return null;
      return withProcess(properties, record);
    },
    async delete(id, properties) {
      const { category, template } = placed.parse(properties);
      await routing.removeEndpoint(category, id);
      beginDrain(stateDir, category, id, template.drain, now);
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

/** The handlers of every type of the local target, by type token. */
export function localHandlers(options: LocalHandlerOptions): Record<string, ResourceHandler> {
  return { [nodeType]: nodeHandler(options), [routingRuleType]: ruleHandler(options.routing) };
}
