/** A category → its known events: what was expected of each, what it brought, and the error. */
import type { Database } from '../../adapters/postgres';
import { binStart, binsIn } from '../../core/demand/clock';
import type { DemandSeries } from '../../core/demand/series';
import {
  type ExpectedUplift,
  expectedUplift,
  type RealizedUplift,
  realizedUplift,
} from '../../core/evaluation/events/realizedUplift';
import type { DemandEvent } from '../../core/events/event';
import { DemandView, logOffset } from '../../core/forecasting/features/demandView';
import { learnEffects } from '../../core/forecasting/features/eventEffects';
import type { CategoryRecord } from '../../ports/stores/categoryStore';

export interface EventReview {
  readonly event: DemandEvent;
  readonly state: 'past' | 'on' | 'upcoming';
  /** Expected from what was measured before it began. */
  readonly expected: ExpectedUplift;
  /** null before it begins. */
  readonly realized: RealizedUplift | null;
  /** Expected ÷ realized − 1: negative = it brought more than expected; null until known. */
  readonly error: number | null;
}

export interface EventsOfCategory {
  readonly category: string;
  readonly reviews: readonly EventReview[];
  /**
   * Kind → the factor by which demand steps up when such an event begins, and the number of occurrences it was learned
   * from. The model adds it to what it learns of the ramp.
   */
  readonly steps: Readonly<Record<string, { readonly factor: number; readonly occurrences: number }>>;
}

export interface Reviewed {
  /** Events that end after this time and begin before `toMs`. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly nowMs: number;
}

export async function reviewEvents(
  { demand, events: store }: Database,
  { settings }: CategoryRecord,
  { fromMs, toMs, nowMs }: Reviewed,
): Promise<EventsOfCategory> {
  const clock = { binMs: settings.binMs, dayMs: settings.dayMs };
  const span = await demand.span(settings.name);
  const events = await store.between(settings.name, Math.min(fromMs, span?.firstMs ?? fromMs), toMs);
  const series: DemandSeries =
    span === null || events.length === 0
      ? { clock, startMs: binStart(clock, nowMs), counts: new Float64Array() }
      : await demand.series(settings.name, clock, span.firstMs, binStart(clock, nowMs));

  const realized = new Map(
    events
      .filter(({ startMs }) => startMs < nowMs)
      .map((event) => [event, realizedUplift(series, events, event)] as const),
  );
  const reviews = events
    .filter(({ endMs }) => endMs > fromMs)
    .map((event): EventReview => {
      const earlier = events.flatMap((other) => {
        const uplift = realized.get(other)?.uplift ?? null;
        return other.kind === event.kind && other.endMs <= event.startMs && uplift !== null ? [uplift] : [];
      });
      const expected = expectedUplift(event, earlier);
      const came = realized.get(event) ?? null;
      return {
        event,
        state: event.endMs <= nowMs ? 'past' : event.startMs <= nowMs ? 'on' : 'upcoming',
        expected,
        realized: came,
        error: came?.uplift ? expected.uplift / came.uplift - 1 : null,
      };
    });
  return { category: settings.name, reviews, steps: stepsOf(series, events, binsIn(clock, settings.leadMs)) };
}

function stepsOf(
  series: DemandSeries,
  events: readonly DemandEvent[],
  bins: number,
): EventsOfCategory['steps'] {
  if (series.counts.length === 0) return {};
  const effects = learnEffects(new DemandView(series, logOffset(series.counts), events), bins);
  return Object.fromEntries(
    [...effects].map(([kind, { step, occurrences }]) => [kind, { factor: Math.exp(step), occurrences }]),
  );
}
