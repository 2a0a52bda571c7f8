/**
 * Past events → how much demand steps up when one of a kind begins. A step is over before trees see enough rows
 * of it, so it is estimated separately and removed from their targets. Trees learn what comes gradually.
 */
import { PamError } from '../../errors';
import { type DemandEvent, statedLog } from '../../events/event';
import { quantileOf } from '../../statistics/orderStatistics';
import type { Json } from '../model';
import type { TargetWindow } from '../target';
import type { DemandView } from './demandView';
import { standingAt } from './eventDoubt';

export interface EventEffect {
  /** Step of log demand at the start, after shrinking. */
  readonly step: number;
  readonly occurrences: number;
}

export type EventEffects = ReadonlyMap<string, EventEffect>;

/** As part of a model's state: step and occurrences by kind. */
export function writeEffects(effects: EventEffects): Json {
  return Object.fromEntries([...effects].map(([kind, { step, occurrences }]) => [kind, [step, occurrences]]));
}

/** The inverse of `writeEffects`; throws PamError INVALID_DATA on anything else. */
export function readEffects(state: Json | undefined): EventEffects {
  if (state === null || typeof state !== 'object' || Array.isArray(state))
    throw new PamError('INVALID_DATA', 'model state: effects of events should be an object; train again');
  return new Map(
    Object.entries(state).map(([kind, pair]) => {
      const [step, occurrences] = Array.isArray(pair) ? pair : [];
      if (typeof step !== 'number' || typeof occurrences !== 'number')
        throw new PamError(
          'INVALID_DATA',
          `model state: the effect of "${kind}" should be a step and its occurrences; train again`,
        );
      return [kind, { step, occurrences }];
    }),
  );
}

/** Weight, in occurrences, of a stated uplift, and of "no effect" if none is stated. */
export const statedWorth = 3;
export const noneWorth = 1;
/** Steps below this, in logs, are left to the trees. */
const smallestStep = 0.15;

/**
 * The median over the occurrences of mean log demand in the `bins` after the start minus that in the `bins` before, less
 * the slope that there was before and after (a ramp is no step), times max(0, 1 − (standard error ÷ median)²), the positive part of James and Stein, so that noise is no effect.
 */
export function learnEffects(view: DemandView, bins: number): EventEffects {
  const steps = new Map<string, number[]>();
  const occurrences = new Map<string, number>();
  for (const event of view.timeline.overlapping(view.timeOf(0), view.timeOf(view.length))) {
    occurrences.set(event.kind, (occurrences.get(event.kind) ?? 0) + 1);
    const start = Math.ceil((event.startMs - view.timeOf(0)) / view.series.clock.binMs);
    if (start + 2 * bins > view.length) continue;
    const before = view.mean(start - bins, start);
    const after = view.mean(start, start + bins);
    const slopeBefore = before - view.mean(start - 2 * bins, start - bins);
    const slopeAfter = view.mean(start + bins, start + 2 * bins) - after;
    const step = after - before - (slopeBefore + slopeAfter) / 2;
    if (!Number.isNaN(step)) steps.set(event.kind, [...(steps.get(event.kind) ?? []), step]);
  }
  return new Map(
    [...occurrences].map(([kind, count]) => [
      kind,
      { step: shrunkStep(steps.get(kind) ?? []), occurrences: count },
    ]),
  );
}

function shrunkStep(steps: readonly number[]): number {
  if (steps.length < 2) return 0;
  const median = quantileOf(steps, 0.5);
  // 1.48 × the median absolute deviation estimates a standard deviation; few steps say little of it.
  const deviation =
    1.48 *
      quantileOf(
        steps.map((step) => Math.abs(step - median)),
        0.5,
      ) +
    0.1 / steps.length;
  const noise = deviation / Math.sqrt(steps.length) / Math.max(1e-9, Math.abs(median));
  return Math.abs(median) < smallestStep ? 0 : median * Math.max(0, 1 - noise * noise);
}

/**
 * Change of log demand to expect between the bin before `index` and `window`, from the known events: the effect that
 * is still to come, less the effect that the present level already contains.
 */
export function expectedLift(
  view: DemandView,
  index: number,
  window: TargetWindow,
  effects: EventEffects,
): number {
  if (view.timeline.isEmpty) return 0;
  const nowMs = view.timeOf(index);
  const fromMs = view.timeOf(index + window.from);
  const toMs = view.timeOf(index + window.to + 1);
  const ahead = highest(view.timeline.overlapping(fromMs, toMs), (event) => {
    const effect = effectOf(event, Math.max(fromMs, event.startMs), effects);
    return effect * standingAt(view, index, event, effect).awaited;
  });
  const now = highest(view.timeline.overlapping(nowMs - 1, nowMs), (event) => {
    const effect = effectOf(event, nowMs, effects);
    return effect * standingAt(view, index, event, effect).present;
  });
  return ahead - now;
}

/** 0 when there is none. */
function highest(events: readonly DemandEvent[], effect: (event: DemandEvent) => number): number {
  return events.length === 0 ? 0 : Math.max(...events.map(effect));
}

/** Log of the event's effect at `atMs`: what its kind has shown, pulled to what is stated. */
function effectOf(event: DemandEvent, atMs: number, effects: EventEffects): number {
  const { step, occurrences } = effects.get(event.kind) ?? { step: 0, occurrences: 0 };
  const worth = event.expectedUplift === undefined ? noneWorth : statedWorth;
  return (occurrences * step + worth * statedLog(event, atMs)) / (occurrences + worth);
}
