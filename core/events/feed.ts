/**
 * What a feed is, as a person states it in a Schedule’s input, on the command line or for the webhook: its source, how
 * often it is read, and the categories it affects. Runs inside the workflow, so it is pure and light.
 */
import { z } from 'zod';
import { categoryName } from '../category/name';
import { isPlain, plainText } from '../text/plainText';
import { duration } from '../time/duration';
import { newsRule } from './newsRules';

export const feedName = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]{0,39}$/,
    'expected 1 to 40 lower-case letters, digits or dashes that start with a letter, such as "matches"',
  );

const webAddress = z
  .string()
  .max(2_000)
  .refine(
    (text) => /^https?:\/\/\S+$/i.test(text) && isPlain(text) && URL.canParse(text),
    'expected an address that starts with http:// or https://',
  )
  // The Temporal UI shows definitions, so they must not contain passwords.
  .refine(
    (text) => !/^https?:\/\/[^/?#]*@/i.test(text),
    'expected an address without a user name and password, because everybody can read the history',
  );

export const feedDefinition = z
  .strictObject({
    name: feedName,
    type: z.enum(['calendar', 'campaign', 'news'], {
      error: 'expected "calendar" (iCalendar), "campaign" (CSV or JSON) or "news" (RSS, Atom or JSON Feed)',
    }),
    url: webAddress.optional(),
    /** A path as the worker sees it, instead of `url`. */
    file: z
      .string()
      .min(1)
      .max(2_000)
      .refine(isPlain, 'expected a path without control characters')
      .optional(),
    /** How often its Schedule reads it. */
    every: duration.prefault('5m'),
    /**
     * Categories whose demand the events change. Rows of a campaign schedule and rules of a news feed may name their
     * own.
     */
    categories: z.array(categoryName).max(100).default([]),
    /** For a news feed: which items matter, for which categories, and how much. */
    rules: z.array(newsRule).max(200).default([]),
    /** Kind of all its events: the effect is learned per kind. Absent: as each event says. */
    kind: plainText(200).optional(),
    /** Stated uplift of events that state none; absent: it is learned. */
    uplift: z.number().gt(0).max(1_000).optional(),
    /** Zone of all-day events and of times without one; absent: what the feed says, or UTC. */
    zone: z
      .string()
      .regex(/^[A-Za-z0-9_+:/-]{1,64}$/, 'expected "UTC", "+02:00" or a name such as "America/New_York"')
      .optional(),
    /** Events further ahead are left out until they come nearer; rules without an end are followed this far. */
    ahead: duration.prefault('90d'),
    /** Events that ended longer ago are left out; past ones teach the effect of their kind. */
    past: duration.prefault('90d'),
    timeout: duration.prefault('10s'),
    /** Most bytes of the content, unpacked. */
    maxBytes: z.number().int().min(1_000).max(100_000_000).default(5_000_000),
    /** Whether the address may be in a private, loopback or link-local network. */
    allowPrivate: z.boolean().default(false),
  })
  .superRefine((feed, context) => {
    const wrong = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message });
    if ((feed.url === undefined) === (feed.file === undefined))
      wrong('url', 'expected either "url" or "file"');
    if (feed.type === 'news' && feed.rules.length === 0)
      wrong('rules', 'expected at least one rule: without rules a news item says nothing about demand');
    if (feed.type !== 'news' && feed.rules.length > 0)
      wrong('rules', 'expected no rules: they are for news feeds');
    if (feed.type === 'calendar' && feed.categories.length === 0)
      wrong('categories', 'expected at least one category whose demand the events change');
    if (feed.categories.length === 0)
      for (const [index, rule] of feed.rules.entries())
        if (rule.categories.length === 0)
          wrong('rules', `expected categories in rule ${index + 1} or for the feed as a whole`);
  });

/** As written by a person: `name`, `type`, `url` or `file`, and categories. */
export type FeedInput = z.input<typeof feedDefinition>;
/** As used: defaults filled in, every duration in milliseconds. */
export type FeedDefinition = z.output<typeof feedDefinition>;

/** The source that a feed's events carry: `feed:matches`. */
export const feedSource = (name: string): string => `feed:${name}`;
