/**
 * Measured demand and events enter; what each event did to demand, against the same time without one, and what the
 * earlier ones of its kind let expect, leave. For people: the models learn the shape of an event by themselves.
 */
import { type DemandSeries, seriesEndMs } from '../../demand/series';
import type { DemandEvent } from '../../events/event';
import { noneWorth, statedWorth } from '../../forecasting/features/eventEffects';
import { quantileOf } from '../../statistics/orderStatistics';

export interface RealizedUplift {
  /** Mean demand during the event ÷ mean demand without it; null when that is not known. */
  readonly uplift: number | null;
  /** Mean requests per bin during the event; null when nothing of it was measured. */
  readonly during: number | null;
  /** Mean requests per bin at the same time without an event. */
  readonly without: number | null;
  /** From what `without` comes, or why there is none, in words. */
  readonly basis: string;
}

export interface ExpectedUplift {
  /** 1 = no change. */
  readonly uplift: number;
  /** Earlier occurrences of the kind that were measured. */
  readonly occurrences: number;
  /** What the expectation was pulled to: the stated uplift, or none. */
  readonly prior: number;
}

/** Fewest windows without an event that a comparison rests on. */
const fewestDays = 3;
const weeksBack = [7, 14, 21, 28];
/** In a season of events the last day without one may be weeks ago; the nearest few are taken. */
const daysBack = Array.from({ length: 42 }, (_, index) => index + 1);
const mostDays = 7;
/** Share of the bins of a window that must have been measured. */
const measuredShare = 0.5;

/** `events`: all of the category, so that a day with another event is no day without. */
export function realizedUplift(
  series: DemandSeries,
  events: readonly DemandEvent[],
  event: DemandEvent,
): RealizedUplift {
  const endMs = Math.min(event.endMs, seriesEndMs(series));
  const during = meanOver(series, event.startMs, endMs);
  if (during === null) return { uplift: null, during, without: null, basis: 'too little of it was measured' };
  const { dayMs } = series.clock;
  const quiet = (days: readonly number[]) =>
    days.flatMap((day) => {
      const shiftMs = day * dayMs;
      const free = !events.some(
        (other) => other.startMs < endMs - shiftMs && other.endMs > event.startMs - shiftMs,
      );
      const mean = free ? meanOver(series, event.startMs - shiftMs, endMs - shiftMs) : null;
      return mean === null ? [] : [{ day, mean }];
    });
  const weekly = quiet(weeksBack);
  const found = weekly.length >= fewestDays ? weekly : quiet(daysBack).slice(0, mostDays);
  if (found.length < fewestDays) {
    const basis = `the same time without an event was measured on ${found.length} of the ${fewestDays} days that a comparison needs`;
    return { uplift: null, during, without: null, basis };
  }
  const without = quantileOf(
    found.map(({ mean }) => mean),
    0.5,
  );
  const basis = `the median of the same time ${found.map(({ day }) => day).join(', ')} days before`;
  return without > 0
    ? { uplift: during / without, during, without, basis }
    : { uplift: null, during, without, basis: `no demand: ${basis}` };
}

/**
 * The geometric blend of the median of the earlier uplifts and the stated one: as many occurrences' worth of prior as
 * in `eventEffects`.
 */
export function expectedUplift(event: DemandEvent, earlier: readonly number[]): ExpectedUplift {
  const prior = event.expectedUplift ?? 1;
  const worth = event.expectedUplift === undefined ? noneWorth : statedWorth;
  const logs = earlier.filter((uplift) => uplift > 0).map(Math.log);
  const learned = logs.length === 0 ? 0 : quantileOf(logs, 0.5);
  return {
    uplift: Math.exp((logs.length * learned + worth * Math.log(prior)) / (logs.length + worth)),
    occurrences: logs.length,
    prior,
  };
}

/** null where too few bins of it were measured. */
function meanOver(series: DemandSeries, fromMs: number, toMs: number): number | null {
  const { binMs } = series.clock;
  const first = Math.floor((fromMs - series.startMs) / binMs);
  const last = Math.ceil((toMs - series.startMs) / binMs);
  if (first < 0 || last <= first || last > series.counts.length) return null;
  let sum = 0;
  let measured = 0;
  for (const count of series.counts.subarray(first, last))
    if (!Number.isNaN(count)) {
      sum += count;
      measured++;
    }
  return measured < measuredShare * (last - first) ? null : sum / measured;
}
