/** A change that was followed → what was wasted with daily refits alone, and with a refit at every alarm beside them. */
import type { DemandSeries } from '../../../core/demand/series';
import { queryFor } from '../../drift/runForecasts';
import { type Change, changed } from '../replay/scenarios';
import type { Service } from '../replay/service';
import { servedProbabilities } from '../replay/serving';
import { wasteOf } from '../replay/waste';

export interface RefitFigures {
  readonly what: Change;
  readonly fromBin: number;
  /** Bins after the change at which an alarm fitted anew. */
  readonly refits: readonly number[];
  readonly waste: { readonly with: number; readonly without: number };
}

export function refitFigures(series: DemandSeries, { branches }: Service): RefitFigures[] {
  return branches.flatMap(({ fromBin, what, served, refitted, refits }) => {
    if (refitted === null) return [];
    const change = what as Change;
    const demand = changed(series, fromBin, change, served.length + 6);
    const waste = (peaks: readonly (readonly number[])[]) =>
      wasteOf({
        counts: demand.counts.slice(fromBin, fromBin + served.length),
        ...{ peaks, probabilities: servedProbabilities },
        leadBins: queryFor(series).leadBins,
        binMs: series.clock.binMs,
      });
    return [
      {
        ...{ what: change, fromBin, refits },
        waste: { with: waste(refitted), without: waste(served.map(({ peak }) => peak)) },
      },
    ];
  });
}
