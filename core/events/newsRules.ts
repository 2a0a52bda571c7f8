/** News items → the events that the owner’s rules find in them. The same item and rule give the same event. */
import { z } from 'zod';
import { categoryName } from '../category/name';
import { madePlain, plainText } from '../text/plainText';
import { duration } from '../time/duration';
import type { DemandEvent } from './event';
import { LimitExceeded } from './readingLimits';
import { shortId } from './shortId';

const phrase = plainText(200);

export const newsRule = z
  .strictObject({
    /**
     * Kind of the events: the effect of all items that the rule matches is learned together. Absent: the first key
     * words.
     */
    name: phrase.optional(),
    /**
     * One of these must be in the title or text, as whole words, in any case. `"flash sale"` means both words, side by
     * side.
     */
    keywords: z.array(phrase).max(100).default([]),
    /** None of these may be in the title or text. */
    without: z.array(phrase).max(100).default([]),
    /** One of these must be in the item's source, author, section or address. */
    sources: z.array(phrase).max(100).default([]),
    /** Absent: the feed's categories. */
    categories: z.array(categoryName).max(100).default([]),
    /** From the publication to the first effect on demand. */
    delay: duration.or(z.literal('0').transform(() => 0)).default(0),
    /** Expected demand at the start of the effect ÷ demand without it. */
    uplift: z.number().gt(0).max(1_000).optional(),
    /** How long the effect lasts; if only `halfLife` is given, four half-lives. */
    duration: duration.optional(),
    /** Half-life of the stated uplift (in logs). */
    halfLife: duration.optional(),
  })
  .refine(({ keywords, sources }) => keywords.length + sources.length > 0, {
    path: ['keywords'],
    error: 'expected at least one key word or source: a rule without either would match every item',
  });
export type NewsRule = z.output<typeof newsRule>;

export interface NewsItem {
  /** Stable within its feed: guid, id, or the address. */
  readonly id: string;
  readonly title: string;
  /** Summary and content, without markup. */
  readonly text: string;
  readonly publishedMs: number;
  /** Its source: publisher, authors, sections, address. */
  readonly sources: readonly string[];
}

export interface CategoryEvent {
  readonly category: string;
  readonly event: DemandEvent;
}

const defaultDurationMs = 3_600_000;
/** After this many half-lives a sixteenth is left. */
const halfLives = 4;

/**
 * One event for each rule that matches and each of its categories. Of several rules of one kind the first counts. Throws
 * LimitExceeded for more than `most`.
 */
export function eventsOfNews(
  items: readonly NewsItem[],
  feed: {
    readonly source: string;
    readonly rules: readonly NewsRule[];
    readonly categories: readonly string[];
  },
  most = Number.POSITIVE_INFINITY,
): CategoryEvent[] {
  const found = new Map<string, CategoryEvent>();
  for (const item of items) {
    const read = readItem(item);
    for (const rule of feed.rules) {
      if (!matches(rule, item, read)) continue;
      const event = eventOf(item, rule, feed.source);
      for (const category of rule.categories.length > 0 ? rule.categories : feed.categories) {
        const key = `${category}\n${event.id}`;
        if (!found.has(key)) found.set(key, { category, event });
      }
      if (found.size > most) throw new LimitExceeded(`has more than ${most} events of news (limit: entries)`);
    }
  }
  return [...found.values()];
}

function eventOf(item: NewsItem, rule: NewsRule, source: string): DemandEvent {
  const kind = (rule.name ?? [...rule.keywords, ...rule.sources].join(' ').slice(0, 200)).toLowerCase();
  const startMs = item.publishedMs + rule.delay;
  const lengthMs =
    rule.duration ?? (rule.halfLife === undefined ? defaultDurationMs : halfLives * rule.halfLife);
  return {
    id: shortId(`${item.id}#${kind}`),
    kind,
    title: madePlain(item.title.slice(0, 200)),
    startMs,
    endMs: startMs + lengthMs,
    ...(rule.uplift === undefined ? {} : { expectedUplift: rule.uplift }),
    ...(rule.halfLife === undefined ? {} : { halfLifeMs: rule.halfLife }),
    source,
  };
}

/** An item with its words, which every rule looks at. */
interface ReadItem {
  readonly text: string;
  readonly words: string;
  readonly sources: readonly string[];
}

function readItem({ title, text, sources }: NewsItem): ReadItem {
  const all = `${title} ${text}`;
  return { text: all, words: ` ${wordsOf(all)} `, sources: sources.map((source) => source.toLowerCase()) };
}

export function matches(
  { keywords, without, sources }: NewsRule,
  item: NewsItem,
  read: ReadItem = readItem(item),
): boolean {
  const has = (sought: string) => {
    const wanted = wordsOf(sought);
    // A key word of signs only, such as "%", is searched as it is.
    return wanted === '' ? read.text.includes(sought) : read.words.includes(` ${wanted} `);
  };
  if (keywords.length > 0 && !keywords.some(has)) return false;
  if (without.some(has)) return false;
  return (
    sources.length === 0 ||
    sources.some((sought) => read.sources.some((source) => source.includes(sought.toLowerCase())))
  );
}

/** Lower case, one blank between words, without signs; accents are kept with their letter. */
function wordsOf(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, ' ')
    .trim();
}
