/** A series, a window and a rule for the size of nodes → the trace as it is evaluated. */
import { binsIn } from '../core/demand/clock';
import type { DemandSeries } from '../core/demand/series';
import type { DemandEvent } from '../core/events/event';
import { quantileOf } from '../core/statistics/orderStatistics';
import type { EvaluatedTrace } from './replay';

export interface EvaluateOptions {
  readonly fromMs: number;
  /** End of the window; the end of the series at the latest. */
  readonly toMs: number;
  readonly leadMs: number;
  /** Requests per node and bin; "auto": the 99.9th percentile of the evaluated counts needs 40 nodes. */
  readonly capacity: number | 'auto';
  readonly events: readonly DemandEvent[];
}

const autoNodes = 40;
const autoProbability = 0.999;

export function evaluatedTrace(
  category: string,
  series: DemandSeries,
  options: EvaluateOptions,
): EvaluatedTrace {
  const { clock, startMs, counts } = series;
  const binAt = (timeMs: number) =>
    Math.min(counts.length, Math.max(0, Math.ceil((timeMs - startMs) / clock.binMs)));
  const fromBin = binAt(options.fromMs);
  const toBin = Math.max(fromBin, binAt(options.toMs));
  return {
    category,
    series,
    events: options.events,
    fromBin,
    toBin,
    requestsPerNodeBin:
      options.capacity === 'auto' ? autoCapacity(counts.subarray(fromBin, toBin)) : options.capacity,
    leadBins: binsIn(clock, options.leadMs),
  };
}

/**
 * Requests per node and bin. Where the 99.9th percentile is zero (a category that is nearly always idle) the highest
 * count takes its place, and without any demand a node serves 1.
 */
export function autoCapacity(evaluated: Float64Array): number {
  const measured = evaluated.filter((count) => !Number.isNaN(count));
  if (measured.length === 0) return 1;
  const usual = quantileOf(measured, autoProbability);
  const highest = measured.reduce((most, count) => Math.max(most, count), 0);
  return (usual > 0 ? usual : highest > 0 ? highest : autoNodes) / autoNodes;
}
