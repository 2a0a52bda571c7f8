/** The lives of ordered nodes → how long orders took until their nodes were routable. Lower bounds count, too. */

/** A node as it was looked at, ms. */
export interface NodeBoot {
  /** When the decision was made that asked for it. */
  readonly orderedMs: number;
  readonly createdMs: number;
  /** The last look that found it there and not routable; null when it was never found so. */
  readonly waitingMs: number | null;
  /** The first look that found it routable; null = not yet or never. */
  readonly routableMs: number | null;
}

/** What is known of one node: routable after `ms`, or only that it took `atLeast` this long. */
interface BootTime {
  readonly ms: number;
  readonly atLeast: boolean;
}

/** Nodes that one decision asked for. They boot for the same reasons, so they count as one observation. */
export interface Order {
  readonly orderedMs: number;
  readonly nodes: readonly BootTime[];
}

/** A longer gap between two looks, in bins, does not tell when the node came. */
const longestGapBins = 2;

/**
 * Boots as orders, oldest first. A node that was routable at one look and not at the one before counts with the middle
 * between them; where nobody looked for long (a worker that was down), it took at least as long as it was seen waiting.
 * A node that was given up or still boots took at least that long, too. Orders of which no node has come and that were
 * placed while an earlier such one waited count as one with it: what stops one stops all.
 */
export function ordersOf(boots: readonly NodeBoot[], binMs: number): Order[] {
  const byOrder = new Map<number, BootTime[]>();
  for (const boot of boots) {
    const time = bootTime(boot, binMs);
    const nodes = byOrder.get(boot.orderedMs);
    if (nodes === undefined) byOrder.set(boot.orderedMs, [time]);
    else nodes.push(time);
  }
  let stuckUntilMs = Number.NEGATIVE_INFINITY;
  return [...byOrder]
    .map(([orderedMs, nodes]) => ({ orderedMs, nodes }))
    .sort((a, b) => a.orderedMs - b.orderedMs)
    .filter((order) => {
      if (order.nodes.some(({ atLeast }) => !atLeast)) return true;
      const apart = order.orderedMs > stuckUntilMs;
      if (apart) stuckUntilMs = order.orderedMs + longestOf(order);
      return apart;
    });
}

/** None of its nodes was routable within `limitMs`. */
export function hasFailed(order: Order, limitMs: number): boolean {
  return order.nodes.every(({ atLeast }) => atLeast) && longestOf(order) >= limitMs;
}

/** Share of the order's nodes that came after `ms`; null while that is not known of any. */
export function lateShare({ nodes }: Order, ms: number): number | null {
  const known = nodes.filter((node) => !node.atLeast || node.ms > ms);
  return known.length === 0 ? null : known.filter((node) => node.ms > ms).length / known.length;
}

/**
 * Quantile of the time from order to routable, every order with the same weight, by the product-limit estimate of
 * Kaplan and Meier (1958), which uses lower bounds as what they are. Infinity if too many orders had not
 * come for the quantile to be reached; NaN without orders.
 */
export function bootQuantile(orders: readonly Order[], probability: number): number {
  const times = orders
    .flatMap(({ nodes }) => nodes.map((node) => ({ ...node, weight: 1 / nodes.length })))
    .sort((a, b) => a.ms - b.ms || Number(a.atLeast) - Number(b.atLeast));
  if (times.length === 0) return Number.NaN;
  let waiting = orders.length;
  let survival = 1;
  for (const { ms, atLeast, weight } of times) {
    if (!atLeast) survival *= 1 - Math.min(1, weight / waiting);
    waiting -= weight;
    if (1 - survival >= probability - 1e-9) return ms;
  }
  return Number.POSITIVE_INFINITY;
}

function bootTime({ orderedMs, createdMs, waitingMs, routableMs }: NodeBoot, binMs: number): BootTime {
  const from = Math.max(0, createdMs - orderedMs, (waitingMs ?? orderedMs) - orderedMs);
  if (routableMs === null) return { ms: from, atLeast: true };
  const to = Math.max(from, routableMs - orderedMs);
  // A slow order may be looked at rarely: half of what it took is precise enough.
  return to - from <= Math.max(longestGapBins * binMs, from)
    ? { ms: (from + to) / 2, atLeast: false }
    : { ms: from, atLeast: true };
}

/** Longest that one of its nodes took, or has waited, ms. */
export const longestOf = ({ nodes }: Order): number => Math.max(...nodes.map(({ ms }) => ms));
