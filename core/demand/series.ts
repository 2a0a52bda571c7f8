/** A category's demand on its bin grid. A missing bin is NaN and is never read as zero demand. */
import type { BinClock } from './clock';

export interface DemandSeries {
  readonly clock: BinClock;
  /** Start of the first bin, ms since the epoch; a multiple of `clock.binMs`. */
  readonly startMs: number;
  /** Requests per bin; NaN where the bin is missing. */
  readonly counts: Float64Array;
}

/** Start of the bin after the last one, ms since the epoch: the earliest instant a decision on this series can be made. */
export function seriesEndMs(series: DemandSeries): number {
  return series.startMs + series.counts.length * series.clock.binMs;
}

/** The bins in [fromMs, toMs), clipped to the series; a view on the same memory. */
export function sliceSeries(series: DemandSeries, fromMs: number, toMs: number): DemandSeries {
  const { binMs } = series.clock;
  const first = Math.max(0, Math.ceil((fromMs - series.startMs) / binMs));
  const last = Math.min(series.counts.length, Math.ceil((toMs - series.startMs) / binMs));
  return {
    clock: series.clock,
    startMs: series.startMs + first * binMs,
    counts: series.counts.subarray(first, Math.max(first, last)),
  };
}

/** How many bins of the series were measured. */
export function measuredBins(series: DemandSeries): number {
  return measuredTotal(series.counts).bins;
}

/** Requests over the measured bins, and how many bins these are. */
export function measuredTotal(counts: Float64Array): { readonly requests: number; readonly bins: number } {
  let requests = 0;
  let bins = 0;
  for (const count of counts) {
    if (Number.isNaN(count)) continue;
    requests += count;
    bins++;
  }
  return { requests, bins };
}
