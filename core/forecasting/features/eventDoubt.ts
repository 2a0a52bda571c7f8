/**
 * An event that has begun, and the bins since → how much of its effect has come and how much is still expected. An event
 * that does not happen must not keep nodes for long, and its end must not lower the forecast by what never came.
 */
import type { DemandEvent } from '../../events/event';
import type { DemandView } from './demandView';

/** Half-life of the belief in an effect that does not come, in minutes of a day of 1,440. */
const beliefHalfLife = 7;
/** Below this belief the effect is no longer expected. */
const leastBelief = 0.05;
/** Minutes of a day of 1,440 after the start in which an effect is looked for; later the day itself has moved demand. */
const watched = 30;
/** Bins before the start that it is compared with, and latest bins that show it. */
const before = 15;
const latest = 3;

export interface EventStanding {
  /** Share of the effect that is in the present level: 0 = nothing came, 1 = half of it or more. */
  readonly present: number;
  /** Share of the effect to expect from now on: 1 before the start. */
  readonly awaited: number;
}

/** `step` = measured change of log demand since the start, NaN = not measured; `effect` = the expected one, log. */
export function standingOf(step: number, effect: number, minutesSinceStart: number): EventStanding {
  if (minutesSinceStart < 0) return { present: 0, awaited: 1 };
  // Occasions of one kind differ by about half of their effect, so half of it means that the event happens.
  const present = Number.isNaN(step) || effect === 0 ? 1 : Math.min(1, Math.max(0, (2 * step) / effect));
  const belief = 2 ** (-minutesSinceStart / beliefHalfLife);
  return { present, awaited: Math.max(present, belief < leastBelief ? 0 : belief) };
}

/** How an event stands before bin `index`; `effect` = the expected one, log. */
export function standingAt(
  view: DemandView,
  index: number,
  event: DemandEvent,
  effect: number,
): EventStanding {
  const sinceMs = view.timeOf(index) - event.startMs;
  return sinceMs <= 0
    ? standingOf(Number.NaN, effect, -1)
    : standingOf(measuredStep(view, index, event), effect, (1_440 * sinceMs) / view.series.clock.dayMs);
}

/**
 * Mean log demand of the latest bins since the start (of the first half hour at most) less that of the bins before it,
 * as known before bin `index`; NaN before the first measured bin, and where another event is in what it is compared with.
 */
export function measuredStep(view: DemandView, index: number, event: DemandEvent): number {
  const { startMs } = event;
  const { binMs, dayMs } = view.series.clock;
  const start = Math.ceil((startMs - view.timeOf(0)) / binMs);
  const others = view.timeline.overlapping(startMs - before * binMs, startMs);
  if (others.some((other) => other !== event)) return Number.NaN;
  const watchedBins = Math.max(latest, Math.round((watched * dayMs) / 1_440 / binMs));
  const to = Math.min(index, start + watchedBins);
  // An effect that has come stays until the end, so after the watched time all of it counts.
  const from = index > start + watchedBins ? start : Math.max(start, to - latest);
  return view.mean(from, to) - view.mean(start - before, start);
}
