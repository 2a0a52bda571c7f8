/**
 * From the nodes that the provider lists, the proxy's view and a spec, what has to change: which nodes stay, which go, and
 * the orders of new ones. Runs no command.
 */
import { isDeepStrictEqual } from 'node:util';
import { endedEarly } from '../../../core/capacity/crashLoop';
import type { NodeOrder, ProviderSettings } from '../../../ports/nodeOrder';
import type { PoolSpec } from '../../../ports/nodePool';
import type { ProvidedNode, WantedPool } from '../../../ports/nodeProvider';
import { chooseNodes, type NodeChoice } from './chooseNodes';
import { limitRecovery } from './limitRecovery';
import type { NodeObserver, PresentState } from './observeNodes';

export interface PoolPlan {
  readonly kept: readonly ProvidedNode[];
  readonly created: readonly NodeOrder[];
  /** Ids that leave the pool; they may have ended already. */
  readonly removed: readonly string[];
  /** The same nodes, as the provider lists them. */
  readonly dropped: readonly ProvidedNode[];
  /** Why less was given up than could be, in words; null as a rule. */
  readonly held: string | null;
}

/** What happened to the pool's nodes that a plan must allow for. */
export interface PoolTrouble {
  /** Until then none is made in place of nodes that ended early, ms; 0 = at once. */
  readonly nextTryMs: number;
  /** What is on record may be wrong: it was lost and found. */
  readonly recovering: boolean;
}

export const noTrouble: PoolTrouble = { nextTryMs: 0, recovering: false };

export interface PlanWorld {
  readonly observer: NodeObserver;
  readonly nowMs: number;
  /** Ids of earlier orders, which are not given again. */
  readonly ordered: readonly string[];
  /** Nodes that were asked for last time. Absent: not known. */
  readonly wantedBefore?: number | undefined;
  /** Asked for only if something is to be changed. */
  readonly trouble: (listed: readonly ProvidedNode[]) => Promise<PoolTrouble>;
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
 * Nodes that may be made while others of their kind end early: for what is asked for anew, and in place of nodes that had
 * started well or hang.
 */
function worthTrying(
  { add }: NodeChoice,
  spec: PoolSpec,
  listed: readonly ProvidedNode[],
  { wantedBefore, nowMs }: Pick<PlanWorld, 'wantedBefore' | 'nowMs'>,
): number {
  const more = Math.max(0, spec.nodes - (wantedBefore ?? spec.nodes));
  const others = listed.filter(
    ({ id, presence, end, createdMs, bootTimeMs }) =>
      (presence === 'ended' && !endedEarly({ createdMs, endedMs: end?.atMs ?? nowMs }, bootTimeMs)) ||
      (presence !== 'ended' && (spec.replace ?? []).includes(id)),
  ).length;
  return Math.min(add, more + others);
}

/** @param settings the provider's part, parsed. */
export async function planPool(
  spec: PoolSpec,
  settings: ProviderSettings,
  listed: readonly ProvidedNode[],
  world: PlanWorld,
): Promise<PoolPlan> {
  const { observer, nowMs, ordered } = world;
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
  const present = listed.map((node) => ({
    id: node.id,
    createdMs: node.createdMs,
    expiresMs: node.expiresMs,
    state: states.get(node.id) ?? (node.presence === 'ended' ? ('dead' as const) : ('booting' as const)),
    current: isCurrent(node),
    givenUp: replace.has(node.id),
  }));
  const free = chooseNodes(present, spec.nodes, nowMs);
  const trouble = settled ? noTrouble : await world.trouble(listed);
  const { choice, held } = trouble.recovering
    ? limitRecovery(present, free, spec.nodes, states.size > 0 || listed.length === 0)
    : { choice: free, held: null };
  const keep = new Set(choice.keep);
  const taken = new Set([...listed.map((node) => node.id), ...ordered]);
  const add = trouble.nextTryMs > nowMs ? worthTrying(choice, spec, listed, world) : choice.add;
  const created = newIds(spec.category, add, nowMs, taken).map(
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
    held,
  };
}
