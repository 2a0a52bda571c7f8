/** What `scale` asks of the pool: nodes, and a rule for those categories that PAM routes. */
import { MockActivityEnvironment } from '@temporalio/testing';
import { scale } from '../../../activities/allocation/scale';
import { type CategoryInput, categoryInput } from '../../../core/category/settings';
import type { NodePool, PoolSpec } from '../../../ports/nodePool';

async function ruleOf(input: CategoryInput): Promise<PoolSpec['rule']> {
  const specs: PoolSpec[] = [];
  const pool: NodePool = {
    reconcile: async (spec) => {
      specs.push(spec);
      return { created: [], removed: [], provisioned: spec.nodes };
    },
    observe: async () => ({ nodes: [], provisioned: 0, routable: 0 }),
    remove: async () => ({ created: [], removed: [], provisioned: 0 }),
  };
  const settings = categoryInput.parse(input);
  await new MockActivityEnvironment().run(scale({ pool, now: () => 0 }), {
    settings,
    nodes: 2,
    replace: [],
    createdBy: 'a test',
  });
  return specs[0]?.rule ?? null;
}

test('a category with a match gets its rule', async () => {
  const match = { pathPrefix: '/checkout' };
  expect(await ruleOf({ name: 'checkout', match })).toEqual({ category: 'checkout', match });
  expect(await ruleOf({ name: 'checkout', match, demand: { imports: {} } })).toEqual({
    category: 'checkout',
    match,
  });
});

test('a category that is not routed gets nodes and no rule', async () => {
  expect(await ruleOf({ name: 'reports', demand: { imports: {} } })).toBeNull();
});
