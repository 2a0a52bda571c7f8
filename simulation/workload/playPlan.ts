/**
 * Workloads and the present instant → who is played when, at which rate, on which nodes. Every category is played from
 * its own start, so windows of different years overlap.
 */
import { binsPerDay } from '../../core/demand/clock';
import { seriesEndMs } from '../../core/demand/series';
import { PamError } from '../../core/errors';
import type { DemandEvent } from '../../core/events/event';
import { instantText } from '../../core/time/instantText';
import {
  type DemoInput,
  demoInput,
  demoLeadBins,
  demoNode,
  demoObjective,
  demoUtilization,
} from './demoInput';
import type { WorkloadCategory } from './generatedWorkload';
import { peakFactor, wholeCounts } from './scaling';
import { type TimeMap, timeMap } from './timeMap';

export interface PlayOptions {
  /** Real time that one bin of a trace takes, ms. */
  readonly binMs: number;
  /** Lead time in bins, from an order to a node that takes traffic; absent: `demoLeadBins`. */
  readonly leadBins?: number;
  /** Minutes of trace that are played and evaluated. */
  readonly minutes: number;
  /** Bins of trace before them whose traffic is sent too, so that live counters continue the history. */
  readonly warmUpBins: number;
  /** Requests per second in the highest bin of the played part. */
  readonly peakRate: number;
  readonly risk: number;
  readonly seed: number;
  /** Most days of history. */
  readonly historyDays: number;
}

export interface PlayedCategory {
  readonly name: string;
  readonly origin: string;
  readonly map: TimeMap;
  /** Requests sent ÷ requests of the trace. */
  readonly factor: number;
  /** Bins of the evaluated part. */
  readonly bins: number;
  /** Requests to send per bin from the start of the warm-up, whole numbers. */
  readonly counts: readonly number[];
  /** Scaled history up to the warm-up, by the real start of its bins; missing bins are left out. */
  readonly history: readonly { readonly startMs: number; readonly requests: number }[];
  /**
   * Events in real time, on whole seconds as in calendars: those that began before the traffic, and those that begin
   * within the play.
   */
  readonly pastEvents: readonly DemandEvent[];
  readonly announcedEvents: readonly DemandEvent[];
  /** Occasions that begin within the evaluated part, announced or not. */
  readonly occasions: readonly DemandEvent[];
  /** Name of the category that plays the same with a calendar, if this one has none; else null. */
  readonly twinOf: string | null;
  /** Input of the category's workflow. */
  readonly input: DemoInput;
  /** Requests per bin that one node serves at its accepted utilization. */
  readonly requestsPerNodeBin: number;
  readonly leadBins: number;
  /** Bins of its daily season. */
  readonly dayBins: number;
  /** A request that takes longer is late, ms; at least `objectiveShare` of them must be in time. */
  readonly objectiveMs: number;
  readonly objectiveShare: number;
}

export interface PlayPlan {
  readonly binMs: number;
  /** Start of the traffic, of the evaluated part, and the latest end of it; ms since the epoch. */
  readonly warmUpFromMs: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly categories: readonly PlayedCategory[];
}

/** The evaluated part starts at the first bin boundary for which the whole warm-up is at or after `earliestMs`. */
export function planPlay(
  workloads: readonly WorkloadCategory[],
  options: PlayOptions,
  earliestMs: number,
): PlayPlan {
  const { binMs } = options;
  const warmUpFromMs = Math.ceil(earliestMs / binMs) * binMs;
  const fromMs = warmUpFromMs + options.warmUpBins * binMs;
  const categories = workloads.map((workload) => planCategory(workload, options, fromMs));
  const bins = Math.max(...categories.map((category) => category.bins));
  return { binMs, warmUpFromMs, fromMs, toMs: fromMs + bins * binMs, categories };
}

function planCategory(workload: WorkloadCategory, options: PlayOptions, realFromMs: number): PlayedCategory {
  const { series, name, origin, fromMs } = workload;
  const { binMs, warmUpBins } = options;
  const traceBinMs = series.clock.binMs;
  const bins = Math.round((options.minutes * 60_000) / traceBinMs);
  const map = timeMap({ traceFromMs: fromMs, realFromMs, traceBinMs, realBinMs: binMs });
  const first = (fromMs - series.startMs) / traceBinMs - warmUpBins;
  if (bins < 1 || first < 0 || first + warmUpBins + bins > series.counts.length)
    throw new PamError(
      'INVALID_INPUT',
      `${name}: ${options.minutes} minutes from ${instantText(fromMs)} with ${warmUpBins} bins before them are not all in ${origin}, which has ${instantText(series.startMs)} to ${instantText(seriesEndMs(series))}`,
    );
  const window = series.counts.slice(first, first + warmUpBins + bins);
  const factor = peakFactor(window, (options.peakRate * binMs) / 1_000);
  const dayBins = binsPerDay(series.clock);
  const oldest = Math.max(0, first - options.historyDays * dayBins);
  const history: { startMs: number; requests: number }[] = [];
  for (let bin = oldest; bin < first; bin++) {
    const count = series.counts[bin];
    if (count === undefined || Number.isNaN(count)) continue;
    history.push({ startMs: map.toReal(series.startMs + bin * traceBinMs), requests: count * factor });
  }
  const trafficMs = realFromMs - warmUpBins * binMs;
  const all = workload.events.map((event) => scaledEvent(event, map));
  const endMs = realFromMs + bins * binMs;
  const events = workload.twinOf === undefined ? all : [];
  const oldestMs = map.toReal(series.startMs + oldest * traceBinMs);
  return {
    name,
    origin,
    map,
    factor,
    bins,
    counts: wholeCounts(window, factor),
    history,
    pastEvents: events.filter(({ startMs, endMs }) => endMs >= oldestMs && startMs < trafficMs),
    announcedEvents: events.filter(({ startMs }) => startMs >= trafficMs && startMs < endMs),
    occasions: all.filter(({ startMs }) => startMs >= realFromMs && startMs < endMs),
    twinOf: workload.twinOf ?? null,
    input: demoInput(name, { ...options, dayBins }),
    requestsPerNodeBin:
      (demoNode.concurrency / (demoNode.serviceTimeMs / 1_000)) * demoUtilization * (binMs / 1_000),
    leadBins: options.leadBins ?? demoLeadBins,
    dayBins,
    objectiveMs: demoObjective.latencyMs,
    objectiveShare: demoObjective.share,
  };
}

/** An event keeps its identity. An instant in the trace becomes at least a second. */
function scaledEvent(event: DemandEvent, map: TimeMap): DemandEvent {
  const second = (traceMs: number) => Math.round(map.toReal(traceMs) / 1_000) * 1_000;
  const startMs = second(event.startMs);
  return { ...event, startMs, endMs: Math.max(startMs + 1_000, second(event.endMs)) };
}
