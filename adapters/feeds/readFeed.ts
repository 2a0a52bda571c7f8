/** A feed’s definition and content → its events around now. */
import type { DemandEvent } from '../../core/events/event';
import { type FeedDefinition, feedSource } from '../../core/events/feed';
import type { FeedReading } from '../../core/events/feedChanges';
import { type CategoryEvent, eventsOfNews } from '../../core/events/newsRules';
import {
  LimitExceeded,
  type ReadingLimits,
  readingLimits,
  requireWithin,
} from '../../core/events/readingLimits';
import { shortId } from '../../core/events/shortId';
import { madePlain } from '../../core/text/plainText';
import { type CampaignWindow, readCampaigns } from './readCampaigns';
import { readNews } from './readNews';

/** Reads iCalendar; see adapters/calendar. */
export type CalendarReader = (
  text: string,
  options: {
    fromMs: number;
    toMs: number;
    source: string;
    zone?: string;
    kind?: string;
    limits: ReadingLimits;
  },
) => {
  readonly events: readonly DemandEvent[];
  readonly cancelled: readonly string[];
  readonly problems: readonly { readonly line: number; readonly reason: string }[];
};

/** Problems that are kept with their line; the others are counted. */
const mostProblems = 1_000;
const longestReason = 300;

/** Throws PamError INVALID_DATA if the content is not of the feed’s type, LimitExceeded if it is beyond a limit. */
export function readFeed(
  definition: FeedDefinition,
  text: string,
  nowMs: number,
  readCalendar: CalendarReader,
  limits: ReadingLimits = readingLimits,
): FeedReading {
  const fromMs = nowMs - definition.past;
  const toMs = nowMs + definition.ahead;
  try {
    const reading = plainReading(readAs(definition, text, { fromMs, toMs, limits }, readCalendar));
    const events = reading.events.filter(({ event }) => event.endMs > fromMs && event.startMs < toMs);
    requireWithin(limits, 'events', events.length, 'events and categories in its window');
    requireWithin(limits, 'entries', reading.cancelled.length, 'called-off events');
    return { ...reading, events, problems: firstOf(reading.problems) };
  } catch (error) {
    if (!(error instanceof LimitExceeded) || error.message.startsWith(feedSource(definition.name)))
      throw error;
    throw new LimitExceeded(
      `feed "${definition.name}" ${error.message}; "past" and "ahead" narrow its window`,
    );
  }
}

/** Bounded, because they cross to another process. Line 0 comes first. */
function firstOf(problems: FeedReading['problems']): FeedReading['problems'] {
  const shown = problems
    .slice(0, mostProblems)
    .map(({ line, reason }) => ({ line, reason: reason.slice(0, longestReason) }));
  const more = problems.length - shown.length;
  return more === 0
    ? shown
    : [
        ...shown,
        { line: problems[mostProblems]?.line ?? 0, reason: `and ${more} more parts could not be read` },
      ];
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
  window: CampaignWindow,
  readCalendar: CalendarReader,
): FeedReading {
  const source = feedSource(definition.name);
  if (definition.type === 'campaign') return readCampaigns(text, definition, window);
  if (definition.type === 'news') {
    const { items, problems } = readNews(text, definition.name, window.limits);
    const { rules, categories } = definition;
    return {
      events: eventsOfNews(items, { source, rules, categories }, window.limits.entries).map((entry) =>
        withDefaults(entry, definition),
      ),
      cancelled: [],
      problems,
      complete: false,
    };
  }
  const reading = readCalendar(text, {
    ...window,
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
