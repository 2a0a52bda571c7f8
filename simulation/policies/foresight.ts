/** The plan that knows the future; every cost is compared with it. */
import { foresightPlan } from '../../core/evaluation/costs/foresight';
import type { Policy } from '../replay';

export function foresight(): Policy {
  return {
    name: 'foresight',
    knob: 'exact',
    start: ({ series, fromBin, toBin, requestsPerNodeBin, leadBins }) => {
      const counts = series.counts.subarray(fromBin, toBin);
      const planned = foresightPlan({ counts, leadBins, requestsPerNodeBin });
      return { decide: ({ bin }) => ({ nodes: planned[bin - fromBin]! }) };
    },
  };
}
