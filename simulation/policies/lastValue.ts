/** The last measured bin × a factor, as if demand stayed the same. */
import { nodesFor } from '../../core/capacity/decide';
import type { Policy } from '../replay';
import { lastMeasured } from './knobs';

export function lastValue(factor: number): Policy {
  return {
    name: 'last-value',
    knob: `${factor}`,
    start: ({ requestsPerNodeBin }) => ({
      decide: ({ past, planned }) => {
        const last = lastMeasured(past.counts, planned === null ? undefined : 1);
        return { nodes: last === null ? (planned ?? 1) : nodesFor(last * factor, requestsPerNodeBin) };
      },
    }),
  };
}
