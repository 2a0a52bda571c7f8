/** The resources of the `pam` provider as a Pulumi program declares them: a node of any node provider, and a rule. */
import { CustomResource, type Output } from '@pulumi/pulumi';
import type { NodeTemplate } from '../../core/category/settings';
import type { RoutingMatch, RoutingRule } from '../../core/routing/rule';
import { type NodeOrder, nodeTags, type ProviderSettings } from '../../ports/nodeOrder';
import type { Properties } from './resourceHandler';

/** Type token of the nodes of one node provider. */
export const nodeType = (provider: string): string => `pam:${provider}:Node`;
export const routingRuleType = 'pam:pool:RoutingRule';

/** Logical name of a category's rule. */
export const ruleName = (category: string): string => `${category}-rule`;

/** What an order says of a node; `id` is Pulumi's own word, so the order's id travels as the resource's name. */
export function nodeInputs(order: NodeOrder): Properties {
  const { id: _id, ...inputs } = order;
  return { ...inputs, tags: nodeTags(order) };
}

export function ruleInputs({ category, match }: RoutingRule): Properties {
  return { category, match };
}

/** A tagged node, known to the proxy. */
export class NodeResource extends CustomResource {
  // `declare`: a real field would be initialized after the constructor and wipe what Pulumi put there.
  declare readonly category: Output<string>;
  declare readonly template: Output<NodeTemplate>;
  declare readonly settings: Output<ProviderSettings>;
  declare readonly tags: Output<Record<string, string>>;
  declare readonly host: Output<string>;
  declare readonly port: Output<number>;

  constructor(provider: string, order: NodeOrder) {
    super(nodeType(provider), order.id, { ...nodeInputs(order), host: undefined, port: undefined });
  }
}

/** The rule that sends a category's requests to its nodes. */
export class RoutingRuleResource extends CustomResource {
  declare readonly category: Output<string>;
  declare readonly match: Output<RoutingMatch>;

  constructor(rule: RoutingRule) {
    super(routingRuleType, ruleName(rule.category), { ...ruleInputs(rule) });
  }
}
