/**
 * A fixed pool for a share of the highest evaluated count: the cost of a team without an autoscaler, sized in hindsight.
 */
import { nodesFor } from '../../core/capacity/decide';
import type { Policy } from '../replay';

export function staticPeak(share: number): Policy {
  return {
    name: 'static-peak',
    knob: `${share}`,
    start: ({ series, fromBin, toBin, requestsPerNodeBin }) => {
      let highest = 0;
      for (let bin = fromBin; bin < toBin; bin++) {
        const count = series.counts[bin]!;
        if (count > highest) highest = count;
      }
      const nodes = Math.max(1, nodesFor(share * highest, requestsPerNodeBin));
      return { decide: () => ({ nodes }) };
    },
  };
}
