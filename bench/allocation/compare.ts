/** Figures of a judged window → PAM's frontier against each rival's, and where it is above one. */
import { comparedRates, costAt, type FrontierPoint, frontierOf } from '../../simulation/frontier';
import type { KnobFigures, TraceResult } from './measureTrace';

/** Compared where a rival reaches none of the usual rates: demand that switches on and off, spikes. The lowest counts. */
const coarseRates: readonly number[] = [0.02, 0.03, 0.05, 0.1, 0.2];

export interface Comparison {
  readonly rival: string;
  /** What was compared, where it is not the usual; null otherwise. */
  readonly instead: string | null;
  readonly at: readonly { readonly overflowRate: number; readonly ratio: number }[];
  /** NaN where nothing could be compared. */
  readonly mean: number;
}

type Points = readonly (FrontierPoint & { readonly policy: string; readonly usual: boolean })[];

export function pointsOf({ figures }: TraceResult): { points: Points; foresightCost: number } {
  return { points: figures, foresightCost: figures[0]!.foresightCost };
}

/** Inside the events only. */
export function pointsInside({ figures }: TraceResult): { points: Points; foresightCost: number } {
  return {
    points: figures.map(({ policy, usual, inside }) => ({ policy, usual, ...inside! })),
    foresightCost: figures[0]!.inside!.foresightCost,
  };
}

/**
 * Excess cost of PAM ÷ that of the rival at the compared rates that both frontiers reach. Where there is none: the
 * lowest coarser rate; and if there is none either, the same with knobs beyond the scorecard's.
 */
export function compare(points: Points, foresightCost: number, rival: string, ours = 'pam'): Comparison {
  const attempts = [
    { usualOnly: true, rates: comparedRates, coarse: false },
    { usualOnly: true, rates: coarseRates, coarse: true },
    { usualOnly: false, rates: comparedRates, coarse: false },
    { usualOnly: false, rates: coarseRates, coarse: true },
  ];
  for (const { usualOnly, rates, coarse } of attempts) {
    const frontier = (name: string) =>
      frontierOf(points.filter(({ policy, usual }) => policy === name && (usual || !usualOnly)));
    const own = frontier(ours);
    const theirs = frontier(rival);
    const reached = rates.flatMap((overflowRate) => {
      const ratio = ratioAt(own, theirs, foresightCost, overflowRate);
      return ratio === null ? [] : [{ overflowRate, ratio }];
    });
    const at = coarse ? reached.slice(0, 1) : reached;
    if (at.length === 0) continue;
    return {
      rival,
      instead:
        usualOnly && !coarse ? null : `at ${rateList(at)}${usualOnly ? '' : ', knobs beyond the usual'}`,
      at,
      mean: at.reduce((sum, { ratio }) => sum + ratio, 0) / at.length,
    };
  }
  return { rival, instead: 'nothing in common', at: [], mean: Number.NaN };
}

/** Excess ratio at one rate; null where a frontier does not reach it or the rival pays no more than foresight. */
export function ratioAt(
  own: readonly FrontierPoint[],
  theirs: readonly FrontierPoint[],
  foresightCost: number,
  overflowRate: number,
): number | null {
  const cost = costAt(own, overflowRate);
  const rivalCost = costAt(theirs, overflowRate);
  if (cost === null || rivalCost === null || rivalCost <= foresightCost) return null;
  return (cost - foresightCost) / (rivalCost - foresightCost);
}

export interface Above {
  readonly rival: string;
  /** Rates at which both frontiers were read, and those of them at which PAM costs more. */
  readonly rates: number;
  readonly above: readonly { readonly overflowRate: number; readonly dearer: number }[];
}

/** 0.01 % to 10 %, eight a decade. */
const gridRates = Array.from({ length: 25 }, (_, index) => 10 ** (-4 + index / 8));

/** Where PAM's frontier is above a rival's; `dearer` is the cost ratio less one. All knobs count. */
export function aboveRival({ figures }: TraceResult, rival: string): Above {
  const frontier = (name: string) =>
    frontierOf(
      figures.filter(({ policy, usual }: KnobFigures) => policy === name && (usual || name === 'pam')),
    );
  const own = frontier('pam');
  const theirs = frontier(rival);
  const read = gridRates.flatMap((overflowRate) => {
    const cost = costAt(own, overflowRate);
    const rivalCost = costAt(theirs, overflowRate);
    return cost === null || rivalCost === null ? [] : [{ overflowRate, dearer: cost / rivalCost - 1 }];
  });
  return { rival, rates: read.length, above: read.filter(({ dearer }) => dearer > 1e-9) };
}

function rateList(at: Comparison['at']): string {
  return at.map(({ overflowRate }) => percent(overflowRate)).join(', ');
}

export const percent = (share: number) => `${Number((100 * share).toPrecision(2))} %`;
