/** The highest of the same minutes, lead window included, a day and a week ago × a factor. */
import { nodesFor } from '../../core/capacity/decide';
import { binsPerDay } from '../../core/demand/clock';
import type { Policy } from '../replay';
import { lastMeasured } from './knobs';

export function seasonalNaive(factor: number): Policy {
  return {
    name: 'seasonal-naive',
    knob: `${factor}`,
    start: ({ series, requestsPerNodeBin, leadBins }) => {
      const day = binsPerDay(series.clock);
      return {
        decide({ bin, past, planned }) {
          let highest = Number.NaN;
          for (const back of [day, 7 * day])
            for (let index = bin - back; index <= bin - back + leadBins && index < bin; index++) {
              const count = past.counts[index];
              if (count !== undefined && !(count <= highest) && !Number.isNaN(count)) highest = count;
            }
          // Without a day of history the last value; without that, what there is.
          const basis = Number.isNaN(highest)
            ? lastMeasured(past.counts, planned === null ? undefined : 1)
            : highest;
          return { nodes: basis === null ? (planned ?? 1) : nodesFor(basis * factor, requestsPerNodeBin) };
        },
      };
    },
  };
}
