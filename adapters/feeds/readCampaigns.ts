/** A campaign schedule in CSV or JSON → its events, and the rows that could not be read with line and reason. */
import { z } from 'zod';
import { categoryName } from '../../core/category/name';
import { describeIssues } from '../../core/describeIssues';
import { type FeedDefinition, feedSource } from '../../core/events/feed';
import type { FeedReading } from '../../core/events/feedChanges';
import type { CategoryEvent } from '../../core/events/newsRules';
import { type ReadingLimits, requireWithin } from '../../core/events/readingLimits';
import { shortId } from '../../core/events/shortId';
import { messageOf } from '../../core/thrown';
import { duration } from '../../core/time/duration';
import { columnNamed, csvRows, jsonRows } from './campaignRows';
import { CampaignTimes } from './campaignTimes';

/** A row as a person writes it. Other columns are ignored. */
const campaignRow = z.object({
  id: z.string().trim().max(1_000).optional(),
  name: z.string('expected a name').trim().min(1, 'expected a name').max(1_000),
  kind: z.string().trim().max(200).optional(),
  categories: z.array(categoryName).max(100),
  start: z.string('expected an instant').min(1, 'expected an instant'),
  end: z.string().optional(),
  duration: duration.optional(),
  uplift: z
    .number('expected a number such as 2.5')
    .gt(0, 'expected a factor above 0, such as 2.5')
    .max(1_000)
    .optional(),
  status: z.string().optional(),
});

type Feed = Pick<FeedDefinition, 'name' | 'categories' | 'zone' | 'kind' | 'uplift'>;

export interface CampaignWindow {
  readonly fromMs: number;
  readonly toMs: number;
  readonly limits: ReadingLimits;
}

/** Events within the window. Throws PamError INVALID_DATA for a text that is neither, or that lacks a column. */
export function readCampaigns(
  text: string,
  feed: Feed,
  { fromMs, toMs, limits }: CampaignWindow,
): FeedReading {
  const events: CategoryEvent[] = [];
  const cancelled: string[] = [];
  const problems: { line: number; reason: string }[] = [];
  const seen = new Map<string, number>();
  const times = new CampaignTimes(feed.zone);
  const rows = /^\s*[[{]/.test(text.replace(/^\uFEFF/, ''))
    ? jsonRows(text, feed.name, limits)
    : csvRows(text, feed.name, problems, limits);
  for (const { line, values } of rows) {
    try {
      const { event, categories, off } = readRow(values, feed, times);
      const before = seen.get(event.id);
      if (before !== undefined) {
        problems.push({ line, reason: `left out: id "${event.id}" is that of line ${before}` });
        continue;
      }
      seen.set(event.id, line);
      if (off) cancelled.push(event.id);
      else if (event.endMs > fromMs && event.startMs < toMs)
        for (const category of categories) events.push({ category, event });
    } catch (error) {
      problems.push({ line, reason: `left out: ${messageOf(error)}` });
    }
    requireWithin(limits, 'events', events.length, 'events in the window');
  }
  if (times.assumed > 0)
    problems.push({
      line: 0,
      reason: 'has times without a zone: they were read as UTC; set "zone" if that is wrong',
    });
  return { events, cancelled, problems: problems.sort((a, b) => a.line - b.line), complete: true };
}

/** Throws an Error that says what is wrong with which field. */
function readRow(values: Record<string, unknown>, feed: Feed, times: CampaignTimes) {
  const parsed = campaignRow.safeParse(shaped(values));
  if (!parsed.success) throw new Error(describeIssues(parsed.error));
  const row = parsed.data;
  const categories = row.categories.length > 0 ? row.categories : feed.categories;
  if (categories.length === 0)
    throw new Error('categories: expected one, in the row or for the feed as a whole');
  const startMs = times.start(row.start);
  if ((row.end === undefined) === (row.duration === undefined))
    throw new Error('end: expected either "end" or "duration"');
  const endMs = row.end === undefined ? startMs + (row.duration ?? 0) : times.end(row.end);
  if (endMs <= startMs) throw new Error(`end: ${row.end} is not after start ${row.start}`);
  const uplift = row.uplift ?? feed.uplift;
  return {
    categories: [...new Set(categories)],
    off: /^(cancelled|canceled|off|withdrawn)$/i.test(row.status ?? ''),
    event: {
      id: shortId(row.id || `${row.name}@${new Date(startMs).toISOString()}`),
      kind: feed.kind ?? (row.kind || kindOf(row.name)),
      title: row.name.slice(0, 200),
      startMs,
      endMs,
      ...(uplift === undefined ? {} : { expectedUplift: uplift }),
      source: feedSource(feed.name),
    },
  };
}

/** Column names in lower case and in our words, without empty fields, lists and numbers parsed. */
function shaped(values: Record<string, unknown>): Record<string, unknown> {
  const row: Record<string, unknown> = { categories: [] };
  for (const [name, value] of Object.entries(values)) {
    const key = columnNamed(name);
    if (value === null || value === undefined || value === '') continue;
    if (key === 'categories')
      row.categories = (Array.isArray(value) ? value.map(String) : String(value).split(/[;|, ]+/)).filter(
        (one) => one !== '',
      );
    else if (key === 'uplift') row.uplift = upliftOf(value);
    else row[key] = typeof value === 'string' || typeof value === 'number' ? String(value) : value;
  }
  return row;
}

/** `2.5`, `2,5`, `x2.5`, and `+150 %`, which is 2.5. */
function upliftOf(value: unknown): unknown {
  if (typeof value === 'number') return value;
  const text = String(value).trim().replace(',', '.');
  const percent = /^([+-]\d+(?:\.\d+)?)\s*%$/.exec(text);
  if (percent) return 1 + Number(percent[1]) / 100;
  const factor = /^[x×]?\s*(\d+(?:\.\d+)?)$/i.exec(text);
  return factor ? Number(factor[1]) : Number.NaN;
}

/** `Black Friday 2025` and `Black Friday 2026` are of one kind. */
function kindOf(name: string): string {
  const kind = name
    .replace(/\b(19|20)\d{2}\b/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return (kind || name).toLowerCase().slice(0, 200);
}
