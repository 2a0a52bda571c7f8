/** What every category wishes for and the fleet's maximum → who gets how many nodes, by expected loss, with the reason. */
import type { PeakQuantiles } from '../forecasting/peakQuantile';
import { servedByNode } from './demandTail';

export interface FleetWish {
  readonly category: string;
  /** Nodes that its own decision asks for. */
  readonly wish: number;
  /** Kept even where the budget does not reach for it. */
  readonly min: number;
  /** What a late request of this category costs, relative to those of others. */
  readonly weight: number;
  /** Requests per bin that one of its nodes serves. */
  readonly requestsPerNodeBin: number;
  /** Of the peak of its demand; empty when nothing is known. */
  readonly demand: PeakQuantiles;
}

/** What the next node would be worth, in weighted requests per bin that would otherwise be late. */
function worthOfNode(wish: FleetWish, nth: number): number {
  return wish.weight * servedByNode(wish.demand, wish.requestsPerNodeBin, nth);
}

/**
 * Shares `maximum` nodes. Where the wishes fit, everyone gets theirs. Where they don't, everyone gets the minimum and
 * each further node goes where it is expected to save the most weighted requests from being late. The worth of a
 * category's next node never rises with their number, so giving one at a time is optimal (greedy, separable concave
 * allocation; Fox 1966).
 * @returns nodes per category; their sum exceeds `maximum` only where the minima alone do.
 */
export function shareFleet(all: readonly FleetWish[], maximum: number): Map<string, number> {
  // The order does not depend on who asks, or categories that tie would take turns with the last node.
  const wishes = [...all].sort((a, b) => (a.category < b.category ? -1 : 1));
  const wished = wishes.reduce((sum, { wish, min }) => sum + Math.max(wish, min), 0);
  const shares = new Map(
    wishes.map(({ category, wish, min }) => [category, wished <= maximum ? Math.max(wish, min) : min]),
  );
  if (wished <= maximum) return shares;
  let left = maximum - [...shares.values()].reduce((sum, nodes) => sum + nodes, 0);
  const worth = wishes.map((wish) => worthOfNode(wish, wish.min + 1));
  for (; left > 0; left--) {
    let best = -1;
    for (let index = 0; index < wishes.length; index++) {
      const { category, wish } = wishes[index]!;
      if (shares.get(category)! < wish && (best < 0 || worth[index]! > worth[best]!)) best = index;
    }
    const winner = wishes[best];
    if (winner === undefined) break;
    const nodes = shares.get(winner.category)! + 1;
    shares.set(winner.category, nodes);
    worth[best] = worthOfNode(winner, nodes + 1);
  }
  return shares;
}

/** A wish with what its category has of the budget at present. */
export interface FleetClaim extends FleetWish {
  readonly granted: number;
}

export interface FleetGrant {
  readonly granted: number;
  /** Why it is less than the wish; null when it is not. */
  readonly reason: string | null;
}

/**
 * What `own` may have now. Until the others have given up what exceeds their shares, it gets
 * only what is free. So the sum never exceeds the maximum, except where the minima alone do.
 * @param others the claims of all other categories.
 * @param maximum null = no budget.
 * @param limit what the maximum is called in the reason.
 */
export function grantFromFleet(
  own: FleetWish,
  others: readonly FleetClaim[],
  maximum: number | null,
  limit = 'fleet budget',
): FleetGrant {
  if (maximum === null) return { granted: own.wish, reason: null };
  const share = shareFleet([own, ...others], maximum).get(own.category)!;
  const taken = others.reduce((sum, { granted }) => sum + granted, 0);
  const granted = Math.max(own.min, Math.min(share, own.wish, Math.max(0, maximum - taken)));
  if (granted >= own.wish) return { granted, reason: null };
  const wished = others.reduce((sum, { wish, min }) => sum + Math.max(wish, min), own.wish);
  const next = worthOfNode(own, granted + 1);
  const waiting = share > granted ? `, ${share - granted} more as soon as others have given up theirs` : '';
  return {
    granted,
    reason:
      `${limit} of ${maximum}: ${granted} of ${own.wish} granted${waiting}; ${wished} wished by ` +
      `${others.length + 1} categories, the next node here would save ${Number(next.toPrecision(3))} weighted requests a bin`,
  };
}
