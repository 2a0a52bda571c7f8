/** A category that began beside trained ones → what it wasted with and without borrowed models. */

import { type Planned, pinballOf, wasteOf } from '../replay/waste';
import type { Begun } from './borrowing';

export interface BegunFigures {
  readonly category: string;
  readonly startMs: number;
  /** Share of the decisions that a borrowed model made. */
  readonly borrowed: number;
  readonly waste: { readonly with: number; readonly without: number };
  /** Pinball loss of the peak at 0.99 with borrowing ÷ without. */
  readonly pinball99: number;
  readonly seconds: number;
}

export function begunFigures(begun: Begun, probabilities: readonly number[]): BegunFigures {
  const first = begun.anchors.findIndex((peak) => peak !== null);
  const counts = Float64Array.from(begun.counts, (count) => count ?? Number.NaN).slice(first);
  const anchors = begun.anchors.slice(first).map((peak) => peak!);
  const served = anchors.map((anchor, bin) => begun.borrowed[first + bin] ?? anchor);
  const planned = (peaks: Planned['peaks']): Planned => ({
    ...{ counts, peaks, probabilities, leadBins: begun.leadBins, binMs: begun.binMs },
  });
  return {
    category: begun.category,
    startMs: begun.startMs,
    borrowed: begun.borrowed.filter((peak) => peak !== null).length / begun.borrowed.length,
    waste: { with: wasteOf(planned(served)), without: wasteOf(planned(anchors)) },
    pinball99: pinballOf(planned(served), 0.99) / pinballOf(planned(anchors), 0.99),
    seconds: begun.seconds,
  };
}
