/** From what a category should have, the Pulumi program of its stack: its nodes and, unless it is shared, its rule. */
import type { PulumiFn } from '@pulumi/pulumi/automation';
import type { RoutingRule } from '../../core/routing/rule';
import type { NodeOrder } from '../../ports/nodeOrder';
import type { NodeTarget } from './target';

export interface CategoryResources {
  readonly nodes: readonly NodeOrder[];
  /** null: the shared pool, which takes what no rule matches. */
  readonly rule: RoutingRule | null;
}

/** A node that is not in `resources` any more is deleted after the new ones have been created. */
export function categoryProgram(resources: CategoryResources, target: NodeTarget): PulumiFn {
  return async () => {
    if (resources.rule !== null) target.rule(resources.rule);
    for (const order of resources.nodes) target.node(order);
  };
}
