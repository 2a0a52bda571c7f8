/**
 * From the nodes that the provider lists, the proxy's view and a spec, what has to change: which nodes stay, which go, and
 * the orders of new ones. Runs no command.
 */
import { isDeepStrictEqual } from 'node:util';
import type { NodeOrder, ProviderSettings } from '../../../ports/nodeOrder';
import type { PoolSpec } from '../../../ports/nodePool';
import type { ProvidedNode, WantedPool } from '../../../ports/nodeProvider';
import { chooseNodes } from './chooseNodes';
import type { NodeObserver, PresentState } from './observeNodes';

export interface PoolPlan {
  readonly kept: readonly ProvidedNode[];
  readonly created: readonly NodeOrder[];
  /** Ids that leave the pool; they may have ended already. */
  readonly removed: readonly string[];
  /** The same nodes, as the provider lists them. */
  readonly dropped: readonly ProvidedNode[];
}

const same = (a: unknown, b: unknown): boolean =>
  isDeepStrictEqual(JSON.parse(JSON.stringify(a)), JSON.parse(JSON.stringify(b)));

/** The pool that a plan leads to. */
export function wantedPool(plan: PoolPlan, spec: PoolSpec, settings: ProviderSettings): WantedPool {
  const kept = plan.kept.flatMap(({ order }) => (order === null ? [] : [order]));
  return {
    category: spec.category,
    nodes: [...kept, ...plan.created],
    count: plan.kept.length + plan.created.length,
    rule: spec.rule,
    template: spec.template,
    settings,
    createdBy: spec.createdBy,
  };
}

/** Ids that say when the node was ordered and that no present node has. */
function newIds(category: string, count: number, nowMs: number, taken: ReadonlySet<string>): string[] {
  const ids: string[] = [];
  for (let index = 0; ids.length < count; index += 1) {
    const id = `${category}-${nowMs.toString(36)}-${index}`;
    if (!taken.has(id)) ids.push(id);
  }
  return ids;
}

/**
 * @param settings the provider's part, parsed.
 * @param ordered ids of earlier orders, which are not given again.
 */
export async function planPool(
  spec: PoolSpec,
  settings: ProviderSettings,
  listed: readonly ProvidedNode[],
  ordered: readonly string[],
  observer: NodeObserver,
  nowMs: number,
): Promise<PoolPlan> {
  const replace = new Set(spec.replace ?? []);
  const isCurrent = ({ order }: ProvidedNode): boolean =>
    order === null || (same(order.template, spec.template) && same(order.settings, settings));
  const settled =
    listed.length === spec.nodes &&
    listed.every(
      (node) =>
        node.presence === 'runs' && isCurrent(node) && node.expiresMs > nowMs && !replace.has(node.id),
    );
  // Health only decides who goes first: without a proxy that answers, all that may exist are taken as not yet routable.
  const states = settled
    ? new Map<string, PresentState>()
    : await observer.states(spec.category, listed).catch(() => new Map<string, PresentState>());
  const choice = chooseNodes(
    listed.map((node) => ({
      id: node.id,
      createdMs: node.createdMs,
      expiresMs: node.expiresMs,
      state: states.get(node.id) ?? (node.presence === 'ended' ? 'dead' : 'booting'),
      current: isCurrent(node),
      givenUp: replace.has(node.id),
    })),
    spec.nodes,
    nowMs,
  );
  const keep = new Set(choice.keep);
  const taken = new Set([...listed.map((node) => node.id), ...ordered]);
  const created = newIds(spec.category, choice.add, nowMs, taken).map(
    (id): NodeOrder => ({
      id,
      category: spec.category,
      stack: spec.category,
      createdBy: spec.createdBy,
      createdMs: nowMs,
      expiresMs: nowMs + spec.template.maxAgeMs,
      template: spec.template,
      settings,
    }),
  );
  const drop = new Set(choice.drop);
  return {
    kept: listed.filter((node) => keep.has(node.id)),
    created,
    removed: choice.drop,
    dropped: listed.filter((node) => drop.has(node.id)),
  };
}
