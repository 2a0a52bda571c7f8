/** Cost and overflow in some of the judged bins only. */
import { foresightPlan } from '../../core/evaluation/costs/foresight';
import { accountOf, type Replayed } from '../../simulation/replay';

/** Sums, in units of a node. */
export interface Inside {
  readonly demand: number;
  readonly overflow: number;
  readonly cost: number;
  readonly foresightCost: number;
}

export const nothingInside: Inside = { demand: 0, overflow: 0, cost: 0, foresightCost: 0 };

/** `mask` has one entry a judged bin; those with 1 count, unless they are missing. */
export function addInside(sums: Inside, { trace, billed, overflow }: Replayed, mask: Uint8Array): Inside {
  const { series, fromBin, toBin, leadBins, requestsPerNodeBin } = trace;
  const counts = series.counts.subarray(fromBin, toBin);
  const exact = accountOf(trace, foresightPlan({ counts, leadBins, requestsPerNodeBin })).billed;
  let { demand, overflow: over, cost, foresightCost } = sums;
  for (let index = 0; index < counts.length; index++) {
    if (mask[index] !== 1 || Number.isNaN(counts[index]!)) continue;
    demand += counts[index]! / requestsPerNodeBin;
    over += overflow[index]! / requestsPerNodeBin;
    cost += billed[index]!;
    foresightCost += exact[index]!;
  }
  return { demand, overflow: over, cost, foresightCost };
}
