/** The resources of the `pam` provider as a Pulumi program declares them, and the target that uses them. */
import { CustomResource, type Output } from '@pulumi/pulumi';
import type { NodeTemplate } from '../../core/category/settings';
import type { RoutingMatch } from '../../core/routing/rule';
import { type NodeOrder, nodeTags } from '../../ports/nodeOrder';
import type { NodeTarget } from './target';

export const nodeType = 'pam:local:Node';
export const routingRuleType = 'pam:local:RoutingRule';

/** A tagged node: a process of this machine, known to the proxy. */
export class LocalNode extends CustomResource {
  // `declare`: a real field would be initialized after the constructor and wipe what Pulumi put there.
  declare readonly category: Output<string>;
  declare readonly template: Output<NodeTemplate>;
  declare readonly tags: Output<Record<string, string>>;
  declare readonly host: Output<string>;
  declare readonly port: Output<number>;
  declare readonly pid: Output<number>;

  constructor(order: NodeOrder) {
    // `id` is Pulumi's own word: the order's id travels as the resource's name.
    const { id, ...inputs } = order;
    super(nodeType, id, {
      ...inputs,
      tags: nodeTags(order),
      host: undefined,
      port: undefined,
      pid: undefined,
    });
  }
}

/** The rule that sends a category's requests to its nodes. */
export class RoutingRuleResource extends CustomResource {
  declare readonly category: Output<string>;
  declare readonly match: Output<RoutingMatch>;

  constructor(category: string, match: RoutingMatch) {
    super(routingRuleType, `${category}-rule`, { category, match });
  }
}

export const localTarget: NodeTarget = {
  node: (order) => new LocalNode(order),
  rule: (rule) => new RoutingRuleResource(rule.category, rule.match),
};
