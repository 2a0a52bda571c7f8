/** From what a category should have, the Pulumi program of its stack: its nodes and, unless it is shared, its rule. */
import type { PulumiFn } from '@pulumi/pulumi/automation';
import type { WantedPool } from '../../ports/nodeProvider';
import { RoutingRuleResource } from './resources';
import type { NodeTarget } from './target';

/** A node that is not in `pool` any more is deleted after the new ones have been created. */
export function categoryProgram(pool: WantedPool, target: NodeTarget): PulumiFn {
  return async () => {
    // The shared pool takes what no rule matches, so it has none.
    if (pool.rule !== null) new RoutingRuleResource(pool.rule);
    target.declare(pool);
  };
}
