/** The whole demand, the future included → the plan that knows it: the yardstick that every other plan is compared with. */
import { nodesFor } from '../../capacity/decide';

export interface ForesightInput {
  /** Requests per bin; NaN where the bin is missing. */
  readonly counts: ArrayLike<number>;
  /** Bins from ordering a node to it taking traffic. */
  readonly leadBins: number;
  /** Requests that one node serves in one bin. */
  readonly requestsPerNodeBin: number;
}

/**
 * Nodes to have ordered at the start of each bin t: ceil(max(counts[t … t + leadBins]) ÷ requestsPerNodeBin), at least 1.
 * Nothing overflows, since a node that bin u needs was planned in every bin from u − leadBins on. A window without a
 * measured bin needs nothing, so it keeps what was planned before.
 */
export function foresightPlan({ counts, leadBins, requestsPerNodeBin }: ForesightInput): Int32Array {
  const planned = new Int32Array(counts.length);
  // Indices whose counts descend: the first one is the highest of the window (sliding-window maximum, O(n)).
  const descending: number[] = [];
  let first = 0;
  let next = 0;
  for (let bin = 0; bin < counts.length; bin++) {
    for (; next < counts.length && next <= bin + leadBins; next++) {
      const count = counts[next]!;
      if (Number.isNaN(count)) continue;
      while (descending.length > first && counts[descending.at(-1)!]! <= count) descending.pop();
      descending.push(next);
    }
    while (first < descending.length && descending[first]! < bin) first++;
    const highest = descending[first];
    planned[bin] =
      highest === undefined
        ? (planned[bin - 1] ?? 1)
        : Math.max(1, nodesFor(counts[highest]!, requestsPerNodeBin));
  }
  return planned;
}
