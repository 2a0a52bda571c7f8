/** A history → the stretches at its end on which models are judged, each by a model that was fitted before it began. */
import { binsPerDay } from '../../demand/clock';
import { type DemandSeries, measuredBins, sliceSeries } from '../../demand/series';

/** Bins [fromBin, toBin) of the history. */
export interface Fold {
  readonly fromBin: number;
  readonly toBin: number;
}

/** A day each where the history has them, so that every hour counts alike. */
const folds = 3;
/** Of a shorter history this share is judged on; the rest is for learning. */
const largestShare = 0.4;
/** Fewer measured bins than this in all folds tell nothing about rare misses. */
const fewestMeasured = 60;

/**
 * The folds, oldest first and without gaps between them: the last three days, or equal parts of the last 40 % of a
 * shorter history; none where that holds fewer than 60 measured bins. The latest demand decides, since it is the
 * likeliest to be like tomorrow's.
 */
export function foldsOf(history: DemandSeries): Fold[] {
  const bins = history.counts.length;
  const size = Math.min(binsPerDay(history.clock), Math.floor((bins * largestShare) / folds));
  const fromBin = bins - folds * size;
  const fromMs = history.startMs + fromBin * history.clock.binMs;
  const judged = sliceSeries(history, fromMs, history.startMs + bins * history.clock.binMs);
  if (size === 0 || measuredBins(judged) < fewestMeasured) return [];
  return Array.from({ length: folds }, (_, index) => ({
    fromBin: fromBin + index * size,
    toBin: fromBin + (index + 1) * size,
  }));
}
