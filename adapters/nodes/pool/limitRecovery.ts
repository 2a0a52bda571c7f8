/**
 * What a recovery would give up → what it may give up in one step. A record that was lost and found may be wrong, so nodes
 * that take traffic go slowly: none while fewer than wanted would take traffic without them, a quarter at a time else. Pure.
 */
import type { NodeChoice, PresentNode } from './chooseNodes';

/** Of the nodes that take traffic, given up at the same time by a recovery. */
const atOnceShare = 0.25;

export interface LimitedChoice {
  readonly choice: NodeChoice;
  /** Why some are kept for now, in words; null if none is. */
  readonly held: string | null;
}

/** @param known false if nobody could say which nodes take traffic. */
export function limitRecovery(
  present: readonly PresentNode[],
  choice: NodeChoice,
  wanted: number,
  known: boolean,
): LimitedChoice {
  const serves = new Set(
    present.filter(({ state }) => state === 'routable' || (!known && state !== 'dead')).map(({ id }) => id),
  );
  const dropped = choice.drop.filter((id) => serves.has(id));
  const kept = known ? choice.keep.filter((id) => serves.has(id)).length : 0;
  const most = !known || kept < wanted ? 0 : Math.max(1, Math.floor(atOnceShare * serves.size));
  if (dropped.length <= most) return { choice, held: null };
  const held = new Set(dropped.slice(most));
  const why = !known
    ? 'the proxy does not say which nodes take traffic'
    : kept < wanted
      ? `${kept} of the ${wanted} wanted take traffic without them`
      : `at most ${most} of ${serves.size} go at a time`;
  return {
    choice: {
      keep: present.map(({ id }) => id).filter((id) => choice.keep.includes(id) || held.has(id)),
      drop: choice.drop.filter((id) => !held.has(id)),
      // What is kept serves in place of what would be made.
      add: Math.max(0, choice.add - held.size),
    },
    held: `after a recovery ${held.size} of ${dropped.length} nodes that are not wanted any more stay for now: ${why}`,
  };
}
