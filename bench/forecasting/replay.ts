/** Planned nodes and demand → cost and overflow under the scorecard's rules; the reactive rival; excess ratios. */

export interface ReplayResult {
  /** Node-bins paid. */
  readonly cost: number;
  /** Demand above the routable capacity, and all demand, in nodes' worth. */
  readonly overflow: number;
  readonly demand: number;
}

/** A rule that answers how many nodes to have at bin `index`, knowing what exists. */
export type Rule = (index: number, existing: number) => number;

/** Replays bins [from, to); `capacity` is what a node serves per bin. Missing bins cost and overflow nothing. */
export function replay(
  counts: Float64Array,
  from: number,
  to: number,
  lead: number,
  capacity: number,
  rule: Rule,
): ReplayResult {
  let routable = 0;
  let booting: { readyAt: number; nodes: number }[] = [];
  const result = { cost: 0, overflow: 0, demand: 0 };
  for (let index = from; index < to; index++) {
    for (const order of booting) if (order.readyAt <= index) routable += order.nodes;
    booting = booting.filter(({ readyAt }) => readyAt > index);
    const existing = routable + booting.reduce((sum, { nodes }) => sum + nodes, 0);
    const planned = Math.max(1, rule(index, existing));
    if (index === from) routable = planned;
    else if (planned > existing) booting.push({ readyAt: index + lead, nodes: planned - existing });
    else {
      let surplus = existing - planned;
      while (surplus > 0 && booting.length > 0) {
        const newest = booting.pop()!;
        const dropped = Math.min(surplus, newest.nodes);
        surplus -= dropped;
        if (newest.nodes > dropped) booting.push({ readyAt: newest.readyAt, nodes: newest.nodes - dropped });
      }
      routable -= surplus;
    }
    const count = counts[index]!;
    if (Number.isNaN(count)) continue;
    result.cost += planned;
    result.demand += count / capacity;
    result.overflow += Math.max(0, count / capacity - routable);
  }
  return result;
}

/** Kubernetes' horizontal pod autoscaler: 10 % tolerance, scale-down to the highest wish of the last 5 minutes. */
export function reactiveRule(counts: Float64Array, binMs: number, capacity: number, target: number): Rule {
  const hold = Math.max(1, Math.ceil(300_000 / binMs));
  const wishes: number[] = [];
  return (index, existing) => {
    const last = counts[index - 1] ?? Number.NaN;
    let wish = existing;
    if (!Number.isNaN(last)) {
      const needed = last / (capacity * target);
      wish =
        existing > 0 && Math.abs(needed / existing - 1) <= 0.1 ? existing : Math.max(1, Math.ceil(needed));
    }
    wishes.push(wish);
    if (wishes.length > hold) wishes.shift();
    return wish >= existing ? wish : Math.min(existing, Math.max(...wishes));
  };
}

/** Sees the future: exactly what the peak over the lead window needs. */
export function foresightRule(counts: Float64Array, lead: number, capacity: number): Rule {
  return (index, existing) => {
    let highest = Number.NaN;
    for (let bin = index; bin <= Math.min(index + lead, counts.length - 1); bin++)
      if (!(counts[bin]! <= highest) && !Number.isNaN(counts[bin]!)) highest = counts[bin]!;
    return Number.isNaN(highest) ? existing : Math.ceil(highest / capacity - 1e-9);
  };
}

export interface FrontierPoint {
  readonly overflowRate: number;
  readonly cost: number;
}

/** Cost at an overflow rate, linear in the rate's logarithm; null where the frontier does not reach it. */
export function costAt(frontier: readonly FrontierPoint[], overflowRate: number): number | null {
  const points = [...frontier]
    .filter((point) => point.overflowRate > 0)
    .sort((a, b) => a.overflowRate - b.overflowRate);
  for (let index = 1; index < points.length; index++) {
    const low = points[index - 1]!;
    const high = points[index]!;
    if (low.overflowRate > overflowRate || high.overflowRate < overflowRate) continue;
    const span = Math.log(high.overflowRate / low.overflowRate);
    const share = span === 0 ? 0 : Math.log(overflowRate / low.overflowRate) / span;
    return low.cost + share * (high.cost - low.cost);
  }
  return null;
}

export const comparedOverflows = [0.01, 0.003, 0.001] as const;
/** Where a rival reaches none of them (demand that switches on and off): the lowest of these that it does. */
const coarseOverflows = [0.02, 0.03, 0.05, 0.1, 0.2];

/** (PAM − foresight) ÷ (rival − foresight) at the compared overflow rates that both reach. */
export function excessRatios(
  pam: readonly FrontierPoint[],
  rival: readonly FrontierPoint[],
  foresight: number,
): number[] {
  const ratioAt = (rate: number) => {
    const own = costAt(pam, rate);
    const other = costAt(rival, rate);
    return own === null || other === null ? Number.NaN : (own - foresight) / (other - foresight);
  };
  const ratios = comparedOverflows.map(ratioAt);
  if (!ratios.every(Number.isNaN)) return ratios;
  const coarse = coarseOverflows.map(ratioAt).find((ratio) => !Number.isNaN(ratio));
  return [...ratios, coarse ?? Number.NaN];
}
