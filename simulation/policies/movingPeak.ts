/**
 * The highest of the last bins, older ones decayed, × a factor: the moving-window recommender of Google's Autopilot
 * (Rzadca et al., EuroSys 2020, section 3.2.2) on demand instead of on use.
 */
import { nodesFor } from '../../core/capacity/decide';
import type { Policy } from '../replay';

/** Windows, in bins; the best is chosen in hindsight. */
export const movingPeakWindows: readonly number[] = [5, 15, 60];

/** A bin's weight halves every half window. */
export function movingPeak(windowBins: number, factor: number): Policy {
  const weights = Float64Array.from({ length: windowBins }, (_, age) => 0.5 ** ((2 * age) / windowBins));
  return {
    name: 'moving-peak',
    knob: `${windowBins}x${factor}`,
    start: ({ requestsPerNodeBin }) => ({
      decide({ bin, past, planned }) {
        let highest = Number.NEGATIVE_INFINITY;
        for (let age = 0; age < windowBins && age < bin; age++) {
          const decayed = past.counts[bin - 1 - age]! * weights[age]!;
          if (decayed > highest) highest = decayed;
        }
        return {
          nodes:
            highest === Number.NEGATIVE_INFINITY
              ? (planned ?? 1)
              : nodesFor(highest * factor, requestsPerNodeBin),
        };
      },
    }),
  };
}
