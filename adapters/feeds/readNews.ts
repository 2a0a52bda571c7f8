/** The text of an RSS, Atom, RDF or JSON feed → its items in one shape. */
import { parseFeed } from 'feedsmith';
import { PamError } from '../../core/errors';
import type { NewsItem } from '../../core/events/newsRules';
import { type ReadingLimits, requireWithin } from '../../core/events/readingLimits';
import { withoutMarkup } from '../../core/text/withoutMarkup';
import { messageOf } from '../../core/thrown';

export interface NewsReading {
  readonly items: NewsItem[];
  readonly problems: { line: number; reason: string }[];
}

/**
 * Items without a date are left out. Throws PamError INVALID_DATA if the text is no feed or declares XML entities:
 * nothing needs them, and nested ones can fill the memory.
 */
export function readNews(text: string, name: string, limits: ReadingLimits): NewsReading {
  if (declaresEntities(text))
    throw new PamError('INVALID_DATA', `feed "${name}" declares XML entities, which are not read`);
  const problems: { line: number; reason: string }[] = [];
  const items: NewsItem[] = [];
  const raws = parse(text, name);
  requireWithin(limits, 'entries', raws.length, 'items');
  for (const [index, raw] of raws.entries()) {
    const id = raw.id ?? raw.links[0] ?? (raw.title === '' ? undefined : `${raw.title}@${raw.date ?? ''}`);
    if (id === undefined) {
      problems.push({ line: index + 1, reason: 'item left out: it has no id, link or title' });
      continue;
    }
    const publishedMs = raw.date === undefined ? Number.NaN : Date.parse(raw.date);
    if (Number.isNaN(publishedMs))
      // With the time of reading instead, its event would move at every read.
      problems.push({
        line: index + 1,
        reason: `"${raw.title}": left out: ${raw.date === undefined ? 'it has no date' : `"${raw.date}" is not a date`}`,
      });
    else
      items.push({
        id,
        title: raw.title || '(without a title)',
        text: raw.text,
        publishedMs,
        sources: raw.sources.filter((source) => source !== ''),
      });
  }
  return { items, problems };
}

/** Only before the first element: an item may write about them. */
function declaresEntities(text: string): boolean {
  const root = /<[a-z]/i.exec(text)?.index ?? text.length;
  return /<!ENTITY\s/i.test(text.slice(0, root));
}

interface RawItem {
  readonly id: string | undefined;
  readonly links: string[];
  readonly title: string;
  readonly text: string;
  readonly date: string | undefined;
  readonly sources: string[];
}

function parse(text: string, name: string): RawItem[] {
  let parsed: ReturnType<typeof parseFeed>;
  try {
    parsed = parseFeed(text);
  } catch (error) {
    throw new PamError('INVALID_DATA', `feed "${name}" is no RSS, Atom or JSON feed: ${messageOf(error)}`);
  }
  const of = (item: {
    id: string | undefined;
    links: (string | undefined)[];
    title: string | undefined;
    texts: (string | undefined)[];
    date: unknown;
    sources: (string | undefined)[];
  }): RawItem => {
    const links = present(item.links);
    return {
      id: item.id,
      links,
      title: withoutMarkup(item.title ?? ''),
      text: present(item.texts).map(withoutMarkup).join(' '),
      date: item.date === undefined ? undefined : String(item.date),
      sources: [...present(item.sources), ...links],
    };
  };
  switch (parsed.format) {
    case 'rss':
      return (parsed.feed.items ?? []).map((item) =>
        of({
          id: item.guid?.value,
          links: [item.link],
          title: item.title,
          texts: [item.description, item.content?.encoded],
          date: item.pubDate ?? item.dc?.dates?.[0],
          sources: [
            parsed.feed.title,
            item.source?.title,
            ...(item.authors ?? []).map(String),
            ...(item.categories ?? []).map((category) => category.name),
          ],
        }),
      );
    case 'rdf':
      return (parsed.feed.items ?? []).map((item) =>
        of({
          id: item.rdf?.about,
          links: [item.link],
          title: item.title,
          texts: [item.description, item.content?.encoded],
          date: item.dc?.dates?.[0],
          sources: [parsed.feed.title],
        }),
      );
    case 'atom':
      return (parsed.feed.entries ?? []).map((entry) =>
        of({
          id: entry.id,
          links: (entry.links ?? []).map(({ href }) => href),
          title: entry.title?.value,
          texts: [entry.summary?.value, entry.content?.value],
          date: entry.published ?? entry.updated,
          sources: [
            parsed.feed.title?.value,
            ...(entry.authors ?? []).map((author) => author.name),
            ...(entry.categories ?? []).map((category) => category.term),
          ],
        }),
      );
    case 'json':
      return (parsed.feed.items ?? []).map((item) =>
        of({
          id: item.id,
          links: [item.url, item.external_url],
          title: item.title,
          texts: [item.summary, item.content_text, item.content_html],
          date: item.date_published ?? item.date_modified,
          sources: [
            parsed.feed.title,
            ...(item.authors ?? []).map((author) => author.name),
            ...(item.tags ?? []),
          ],
        }),
      );
  }
}

const present = (values: readonly (string | undefined)[]): string[] =>
  values.filter((value): value is string => typeof value === 'string' && value !== '');
