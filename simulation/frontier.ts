/** Policies swept over their knob → frontiers of cost against overflow, and how much of a rival's waste is left. */
import type { PolicyFigures } from './scorecard';

/** Overflow rates at which policies are compared. */
export const comparedRates = [0.01, 0.003, 0.001] as const;

/** Overflow rates below this are taken as this: zero has no logarithm. */
const leastRate = 1e-7;

export interface FrontierPoint {
  readonly knob: string;
  readonly overflowRate: number;
  readonly cost: number;
}

/** The points of one policy that no other of its points beats on both axes, from much overflow to little. */
export function frontierOf(figures: readonly FrontierPoint[]): FrontierPoint[] {
  const sorted = figures
    .map(({ knob, overflowRate, cost }) => ({ knob, overflowRate, cost }))
    .sort((a, b) => a.overflowRate - b.overflowRate || a.cost - b.cost);
  const kept: FrontierPoint[] = [];
  let cheapest = Number.POSITIVE_INFINITY;
  for (const point of sorted) {
    if (point.cost >= cheapest) continue;
    kept.push(point);
    cheapest = point.cost;
  }
  return kept.reverse();
}

/** Cost at an overflow rate, linear in log(rate) between two points of a frontier; null where it doesn't reach. */
export function costAt(frontier: readonly FrontierPoint[], rate: number): number | null {
  for (let index = 0; index < frontier.length; index++) {
    const low = frontier[index]!;
    if (low.overflowRate > rate) continue;
    if (low.overflowRate === rate) return low.cost;
    const high = frontier[index - 1];
    if (high === undefined) return null;
    const from = Math.log(Math.max(high.overflowRate, leastRate));
    const to = Math.log(Math.max(low.overflowRate, leastRate));
    return high.cost + ((low.cost - high.cost) * (from - Math.log(rate))) / (from - to);
  }
  return null;
}

export interface ExcessRatio {
  readonly rival: string;
  /** One entry per compared rate that both frontiers reach. */
  readonly at: readonly {
    readonly overflowRate: number;
    readonly cost: number;
    readonly rivalCost: number;
    readonly ratio: number;
  }[];
  /** Mean of the ratios; null where no rate is reached by both. */
  readonly mean: number | null;
}

/** (cost of `ours` − foresight cost) ÷ (cost of the rival − foresight cost) at the same overflow rate. */
export function excessRatio(
  rival: string,
  ours: readonly FrontierPoint[],
  theirs: readonly FrontierPoint[],
  foresightCost: number,
): ExcessRatio {
  const at = comparedRates.flatMap((overflowRate) => {
    const cost = costAt(ours, overflowRate);
    const rivalCost = costAt(theirs, overflowRate);
    if (cost === null || rivalCost === null || rivalCost <= foresightCost) return [];
    return [{ overflowRate, cost, rivalCost, ratio: (cost - foresightCost) / (rivalCost - foresightCost) }];
  });
  const mean = at.length === 0 ? null : at.reduce((sum, { ratio }) => sum + ratio, 0) / at.length;
  return { rival, at, mean };
}

/** Excess ratio of `ours` against every other policy that has more than one point. */
export function excessRatios(figures: readonly PolicyFigures[], ours = 'pam'): ExcessRatio[] {
  const frontiers = new Map<string, FrontierPoint[]>();
  for (const policy of new Set(figures.map((entry) => entry.policy)))
    frontiers.set(policy, frontierOf(figures.filter((entry) => entry.policy === policy)));
  const own = frontiers.get(ours);
  if (own === undefined) return [];
  const foresight = figures[0]?.foresightCost ?? 0;
  return [...frontiers]
    .filter(([policy]) => policy !== ours && policy !== 'foresight')
    .map(([policy, theirs]) => excessRatio(policy, own, theirs, foresight));
}

export interface EqualOverflow {
  readonly knob: string;
  readonly rival: string;
  readonly overflowRate: number;
  /** Excess cost of `ours` ÷ that of the rival's frontier at the very overflow rate that `ours` had. */
  readonly ratio: number;
}

/** Every knob of `ours` against each rival's frontier at its own overflow rate; what a frontier doesn't reach is left out. */
export function atEqualOverflow(figures: readonly PolicyFigures[], ours = 'pam'): EqualOverflow[] {
  const own = figures.filter(({ policy }) => policy === ours);
  const rivals = new Set(
    figures.map(({ policy }) => policy).filter((name) => name !== ours && name !== 'foresight'),
  );
  return [...rivals].flatMap((rival) => {
    const frontier = frontierOf(figures.filter(({ policy }) => policy === rival));
    return own.flatMap(({ knob, overflowRate, cost, foresightCost }) => {
      const rivalCost = costAt(frontier, overflowRate);
      if (rivalCost === null || rivalCost <= foresightCost) return [];
      return [{ knob, rival, overflowRate, ratio: (cost - foresightCost) / (rivalCost - foresightCost) }];
    });
  });
}
