/**
 * From the registry, the proxy's view and a spec, what has to change: the orders that the stack should hold, in full,
 * and which of them are new. Reads a few small files; runs no command.
 */
import { isDeepStrictEqual } from 'node:util';
import type { NodeOrder } from '../../../ports/nodeOrder';
import type { PoolSpec } from '../../../ports/nodePool';
import { listNodes, type NodeRecord } from '../local/nodeRecord';
import { nodeRuns } from '../local/stopNode';
import { chooseNodes, type PresentNode } from './chooseNodes';
import type { NodeObserver } from './observeNodes';

export interface PoolPlan {
  readonly kept: readonly NodeRecord[];
  readonly created: readonly NodeOrder[];
  /** Ids that leave the pool; their processes may be dead already. */
  readonly removed: readonly string[];
}

const sameTemplate = (a: unknown, b: unknown): boolean =>
  isDeepStrictEqual(JSON.parse(JSON.stringify(a)), JSON.parse(JSON.stringify(b)));

/** Fixed for the node's life, whatever the category is configured to later. */
function orderOf(record: NodeRecord): NodeOrder {
  const { id, category, stack, createdBy, createdMs, expiresMs, template } = record;
  return { id, category, stack, createdBy, createdMs, expiresMs, template };
}

/** What the stack's program declares. */
export function ordersOf(plan: PoolPlan): NodeOrder[] {
  return [...plan.kept.map(orderOf), ...plan.created];
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

export async function planPool(
  stateDir: string,
  spec: PoolSpec,
  observer: NodeObserver,
  nowMs: number,
): Promise<PoolPlan> {
  const recorded = listNodes(stateDir, spec.category);
  const taken = new Set(recorded.map((node) => node.id));
  const records = recorded.filter((node) => node.drainUntilMs === null);
  const alive = records.filter(nodeRuns);
  const replace = new Set(spec.replace ?? []);
  const isCurrent = (node: NodeRecord): boolean => sameTemplate(node.template, spec.template);
  const settled =
    alive.length === spec.nodes &&
    alive.every((node) => isCurrent(node) && node.expiresMs > nowMs && !replace.has(node.id));
  // Health only decides who goes first: without a proxy that answers, all are taken as not yet routable.
  const states = settled
    ? new Map<string, PresentNode['state']>()
    : await observer.states(spec.category, alive).catch(() => new Map<string, PresentNode['state']>());
  const choice = chooseNodes(
    records.map((node) => ({
      id: node.id,
      createdMs: node.createdMs,
      expiresMs: node.expiresMs,
      state: alive.includes(node) ? (states.get(node.id) ?? 'booting') : 'dead',
      current: isCurrent(node),
      givenUp: replace.has(node.id),
    })),
    spec.nodes,
    nowMs,
  );
  const keep = new Set(choice.keep);
  const created = newIds(spec.category, choice.add, nowMs, taken).map(
    (id): NodeOrder => ({
      id,
      category: spec.category,
      stack: spec.category,
      createdBy: spec.createdBy,
      createdMs: nowMs,
      expiresMs: nowMs + spec.template.maxAgeMs,
      template: spec.template,
    }),
  );
  return { kept: records.filter((node) => keep.has(node.id)), created, removed: choice.drop };
}
