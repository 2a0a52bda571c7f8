/** A feed’s definition and content → its events around now. */
import { PamError } from '../../core/errors';
import type { DemandEvent } from '../../core/events/event';
import { type FeedDefinition, feedSource } from '../../core/events/feed';
import type { FeedReading } from '../../core/events/feedChanges';
import { type CategoryEvent, eventsOfNews } from '../../core/events/newsRules';
import { shortId } from '../../core/events/shortId';
import { madePlain } from '../../core/text/plainText';
import { readCampaigns } from './readCampaigns';
import { readNews } from './readNews';

/** Reads iCalendar; see adapters/calendar. */
export type CalendarReader = (
  text: string,
  options: { fromMs: number; toMs: number; source: string; zone?: string; kind?: string },
) => {
  readonly events: readonly DemandEvent[];
  readonly cancelled: readonly string[];
  readonly problems: readonly { readonly line: number; readonly reason: string }[];
};

/** More events, over all categories, are a mistake: a rule without an end, or the wrong kind of feed. */
const mostEvents = 20_000;

/** Throws PamError INVALID_DATA if the content is not of the feed’s type. */
export function readFeed(
  definition: FeedDefinition,
  text: string,
  nowMs: number,
  readCalendar: CalendarReader,
): FeedReading {
  const reading = plainReading(readAs(definition, text, nowMs, readCalendar));
  const fromMs = nowMs - definition.past;
  const toMs = nowMs + definition.ahead;
  const events = reading.events.filter(({ event }) => event.endMs > fromMs && event.startMs < toMs);
  if (events.length > mostEvents)
    throw new PamError(
      'INVALID_DATA',
      `feed "${definition.name}" has ${events.length} events and categories in its window, more than ${mostEvents}; "past" and "ahead" narrow it`,
    );
  return { ...reading, events };
}

/** Titles and kinds of one line, since they become messages to categories. */
function plainReading(reading: FeedReading): FeedReading {
  return {
    ...reading,
    events: reading.events.map(({ category, event }) => ({
      category,
      event: { ...event, title: plainOf(event.title), kind: plainOf(event.kind) },
    })),
  };
}

const plainOf = (text: string): string => madePlain(text).trim() || '(no title)';

function readAs(
  definition: FeedDefinition,
  text: string,
  nowMs: number,
  readCalendar: CalendarReader,
): FeedReading {
  const source = feedSource(definition.name);
  if (definition.type === 'campaign') return readCampaigns(text, definition);
  if (definition.type === 'news') {
    const { items, problems } = readNews(text, definition.name);
    const { rules, categories } = definition;
    return {
      events: eventsOfNews(items, { source, rules, categories }).map((entry) =>
        withDefaults(entry, definition),
      ),
      cancelled: [],
      problems,
      complete: false,
    };
  }
  const reading = readCalendar(text, {
    fromMs: nowMs - definition.past,
    toMs: nowMs + definition.ahead,
    source,
    ...(definition.zone === undefined ? {} : { zone: definition.zone }),
    ...(definition.kind === undefined ? {} : { kind: definition.kind }),
  });
  return {
    events: reading.events.flatMap((event) =>
      definition.categories.map((category) =>
        withDefaults({ category, event: { ...event, id: shortId(event.id) } }, definition),
      ),
    ),
    cancelled: reading.cancelled.map(shortId),
    problems: reading.problems,
    // If everything in it is called off (METHOD:CANCEL), it is a message about those events and not a whole calendar.
    complete: reading.events.length > 0 || reading.cancelled.length === 0,
  };
}

function withDefaults({ category, event }: CategoryEvent, { uplift, kind }: FeedDefinition): CategoryEvent {
  return {
    category,
    event: {
      ...event,
      kind: (kind ?? event.kind).slice(0, 200),
      title: event.title.slice(0, 200),
      ...(event.expectedUplift === undefined && uplift !== undefined ? { expectedUplift: uplift } : {}),
    },
  };
}
