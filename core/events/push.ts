/** The body of a push → an announcement, a withdrawal or a news item; the zod error names what is wrong. */
import { z } from 'zod';
import { categoryName } from '../category/name';
import { type CalendarMessage, readCalendarMessage } from './announcement';
import { feedName } from './feed';
import type { NewsItem } from './newsRules';
import { shortId } from './shortId';

export type Push =
  | { readonly kind: 'message'; readonly categories: readonly string[]; readonly message: CalendarMessage }
  /** `feed` null = the rules of all news feeds. */
  | { readonly kind: 'news'; readonly feed: string | null; readonly item: NewsItem };

export type ReadPush = { ok: true; push: Push } | { ok: false; error: z.ZodError };

const words = z.string().trim().max(20_000);
const instant = z.iso
  .datetime({
    offset: true,
    error: 'expected an ISO 8601 time with its zone, such as "2026-06-11T19:00:00Z"',
  })
  .transform((text) => Date.parse(text));

const newsPush = z.strictObject({
  feed: feedName.optional(),
  news: z
    .strictObject({
      id: words.optional(),
      title: words.min(1, 'expected a title'),
      text: words.default(''),
      url: words.optional(),
      /** Absent: now. */
      published: instant.optional(),
      sources: z.array(words).max(50).default([]),
    })
    .refine(({ id, url, published }) => (id ?? url ?? published) !== undefined, {
      path: ['id'],
      error: 'expected "id", "url" or "published", so that the same item pushed twice is one',
    }),
});

const addressees = z
  .object(
    { category: categoryName.optional(), categories: z.array(categoryName).min(1).max(100).optional() },
    'expected a JSON object',
  )
  .refine(({ category, categories }) => (category === undefined) !== (categories === undefined), {
    path: ['category'],
    error: 'expected "category" or "categories", or a "news" item for the rules of a feed',
  });

/** `source`: of events that name none. */
export function readPush(body: unknown, nowMs: number, source = 'webhook'): ReadPush {
  if (typeof body === 'object' && body !== null && 'news' in body) {
    const parsed = newsPush.safeParse(body);
    if (!parsed.success) return { ok: false, error: parsed.error };
    const { feed = null, news } = parsed.data;
    const { title, text, url, sources, published } = news;
    const id = shortId(news.id ?? url ?? `${title}@${new Date(published ?? nowMs).toISOString()}`);
    const item = {
      id,
      title,
      text,
      publishedMs: published ?? nowMs,
      sources: url ? [...sources, url] : sources,
    };
    return { ok: true, push: { kind: 'news', feed, item } };
  }
  const parsed = addressees.safeParse(body);
  if (!parsed.success) return { ok: false, error: parsed.error };
  const { category, categories = category === undefined ? [] : [category] } = parsed.data;
  const { category: _, categories: __, ...message } = body as Record<string, unknown>;
  const read = readCalendarMessage({ source, ...message });
  return read.ok
    ? { ok: true, push: { kind: 'message', categories: [...new Set(categories)], message: read.message } }
    : read;
}
