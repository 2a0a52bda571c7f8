/**
 * A demand series with its events → logarithms of counts and their summaries over windows of bins, missing-aware.
 * Everything the models see of the past is read here, by index; reads outside the series or of missing bins are NaN.
 */
import { type DemandSeries, measuredTotal } from '../../demand/series';
import type { DemandEvent } from '../../events/event';
import { actualOf, type TargetWindow } from '../target';
import { EventTimeline } from './eventTimeline';

/**
 * The offset c of log(count + c). Logs make changes relative; the offset keeps zeros finite and stops the noise of
 * small counts from dominating: 2 % of the mean, but at least one request, the size of Poisson noise at a mean of 1.
 */
export function logOffset(counts: Float64Array): number {
  const { requests, bins } = measuredTotal(counts);
  return bins === 0 ? 1 : Math.max(1, (0.02 * requests) / bins);
}

const unread = Number.POSITIVE_INFINITY;

export class DemandView {
  readonly length: number;
  readonly timeline: EventTimeline;
  private readonly logs: Float64Array;

  /** `events` or an existing timeline of them. */
  constructor(
    readonly series: DemandSeries,
    readonly offset: number,
    events: readonly DemandEvent[] | EventTimeline,
  ) {
    this.length = series.counts.length;
    this.timeline = events instanceof EventTimeline ? events : new EventTimeline(events, series.clock.dayMs);
    this.logs = new Float64Array(this.length).fill(unread);
  }

  /** log(count + c) of bin `index`. */
  at(index: number): number {
    if (index < 0 || index >= this.length) return Number.NaN;
    const known = this.logs[index]!;
    if (known !== unread) return known;
    const log = Math.log(this.series.counts[index]! + this.offset);
    this.logs[index] = log;
    return log;
  }

  /** Mean log over the measured bins of [from, to). */
  mean(from: number, to: number): number {
    let sum = 0;
    let measured = 0;
    for (let index = Math.max(0, from); index < to; index++) {
      const log = this.at(index);
      if (!Number.isNaN(log)) {
        sum += log;
        measured++;
      }
    }
    return measured === 0 ? Number.NaN : sum / measured;
  }

  /** Highest log over the measured bins of [from, to). */
  max(from: number, to: number): number {
    let highest = Number.NEGATIVE_INFINITY;
    for (let index = Math.max(0, from); index < to; index++) {
      const log = this.at(index);
      if (log > highest) highest = log;
    }
    return highest === Number.NEGATIVE_INFINITY ? Number.NaN : highest;
  }

  min(from: number, to: number): number {
    let lowest = Number.POSITIVE_INFINITY;
    for (let index = Math.max(0, from); index < to; index++) {
      const log = this.at(index);
      if (log < lowest) lowest = log;
    }
    return lowest === Number.POSITIVE_INFINITY ? Number.NaN : lowest;
  }

  /** Mean absolute change from bin to bin over [from, to): how rough the series is. */
  roughness(from: number, to: number): number {
    let sum = 0;
    let pairs = 0;
    let previous = Number.NaN;
    for (let index = Math.max(0, from); index < to; index++) {
      const log = this.at(index);
      const change = Math.abs(log - previous);
      if (!Number.isNaN(change)) {
        sum += change;
        pairs++;
      }
      previous = log;
    }
    return pairs === 0 ? Number.NaN : sum / pairs;
  }

  /**
   * The present level before bin `index`: exponentially weighted mean log of the last bins (`keep` = weight left a bin
   * later, 0 = the last measured bin alone). NaN only if nothing before `index` was measured.
   */
  level(index: number, keep: number): number {
    let sum = 0;
    let total = 0;
    let weight = 1;
    let bin = Math.min(index, this.length) - 1;
    for (; bin >= 0; bin--) {
      const log = this.at(bin);
      if (!Number.isNaN(log)) {
        sum += weight * log;
        total += weight;
      }
      weight *= keep;
      if (total > 0 && weight < 0.02) break;
      if (weight < 1e-9) weight = 1e-9;
    }
    return total === 0 ? Number.NaN : sum / total;
  }

  /** Log of what `window` of a decision before bin `index` turned out to be; NaN where not known. */
  outcome(index: number, window: TargetWindow): number {
    return Math.log(actualOf(this.series.counts, index, window) + this.offset);
  }

  /** Bins since the last measured one before `index`: 0 when the newest bin is there. */
  staleness(index: number): number {
    let stale = 0;
    while (index - 1 - stale >= 0 && Number.isNaN(this.series.counts[index - 1 - stale]!)) stale++;
    return stale;
  }

  timeOf(index: number): number {
    return this.series.startMs + index * this.series.clock.binMs;
  }
}
