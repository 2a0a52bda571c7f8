/**
 * One row of a file, as text per column, and the rules of the import → what it observed, or the reason why it is bad.
 */
import { categoryName } from '../../category/name';
import { readTimestamp, type TimestampRules } from '../../time/timestamps';
import type { ImportColumns, ImportField } from './columns';

export interface Observation {
  readonly atMs: number;
  readonly category: string;
  readonly source: string;
  /** 1 for a row that is a request. */
  readonly requests: number;
  /** Node-seconds that these requests took; null = not in the file. */
  readonly busySeconds: number | null;
  /** Mean latency of these requests, ms; null = not in the file. */
  readonly latencyMs: number | null;
  readonly errors: number | null;
}

export interface ObservationRules {
  readonly columns: ImportColumns;
  readonly timestamps: Omit<TimestampRules, 'unit'>;
  /** Category of every row, regardless of the file; null = as the file says. */
  readonly category: string | null;
  /** Name in the file → category. */
  readonly rename: ReadonlyMap<string, string>;
  /** Source of rows that name none. */
  readonly source: string;
}

/** Reads the value of a column; undefined = the row has none. */
export type ReadColumn = (column: string) => string | undefined;

/** A longer text is not the name of a source. */
const longestSource = 200;
/** Types whose category is remembered: a file may have as many types as rows. */
const mostRemembered = 10_000;
/** Above it whole numbers are no longer exact. */
const largestNumber = Number.MAX_SAFE_INTEGER;

/** Reads one row; a string is the reason why it is bad. */
export function createObservationReader(rules: ObservationRules): (read: ReadColumn) => Observation | string {
  const { columns, shape } = rules.columns;
  const timeField = (['timestamp', 'timestamp_ms', 'timestamp_s'] as const).find((field) =>
    columns.has(field),
  );
  const unit = timeField === 'timestamp_ms' ? 'ms' : timeField === 'timestamp_s' ? 's' : 'iso';
  const timestamps: TimestampRules = { ...rules.timestamps, unit };
  const categories = new Map<string, string | { readonly reason: string }>();

  return (read) => {
    const field = (name: ImportField) => {
      const column = columns.get(name);
      return column === undefined ? undefined : read(column);
    };
    const number = (name: ImportField): number | null | { readonly reason: string } => {
      const text = field(name)?.trim();
      if (text === undefined || text === '') return null;
      const value = Number(text);
      if (value >= 0 && value <= largestNumber) return value;
      return { reason: `${columns.get(name)} is "${text}": expected a number from 0 to ${largestNumber}` };
    };

    const atMs = readTimestamp(field(timeField ?? 'timestamp') ?? '', timestamps);
    if (typeof atMs === 'string') return atMs;

    const type = field('type')?.trim() ?? '';
    let category = categories.get(type);
    if (category === undefined) {
      category = categoryOf(type, rules);
      if (type.length <= longestSource && categories.size < mostRemembered) categories.set(type, category);
    }
    if (typeof category !== 'string') return category.reason;

    const requests = shape === 'requests' ? 1 : number('count');
    if (requests === null)
      return `${columns.get('count')} is empty: leave the row out if nothing was measured`;
    if (typeof requests !== 'number') return requests.reason;
    const resourceMs = number('resource_ms');
    if (resourceMs !== null && typeof resourceMs !== 'number') return resourceMs.reason;
    const resourceSeconds = number('resource_s');
    if (resourceSeconds !== null && typeof resourceSeconds !== 'number') return resourceSeconds.reason;
    const latencyMs = number('latency_ms');
    if (latencyMs !== null && typeof latencyMs !== 'number') return latencyMs.reason;
    const status = number('status');
    if (status !== null && typeof status !== 'number') return status.reason;
    const source = field('source')?.trim() || rules.source;
    if (source.length > longestSource || source.includes('\0'))
      return `the source is not a name: expected at most ${longestSource} characters of text`;
    return {
      atMs,
      category,
      source,
      requests,
      busySeconds: resourceSeconds ?? (resourceMs === null ? null : resourceMs / 1_000),
      latencyMs,
      errors: status === null ? null : status >= 500 ? requests : 0,
    };
  };
}

function categoryOf(
  type: string,
  { category, rename }: ObservationRules,
): string | { readonly reason: string } {
  const name = category ?? rename.get(type) ?? type;
  if (name === '') return { reason: 'no type: the row names no category; give one with --category NAME' };
  if (categoryName.safeParse(name).success) return name;
  return {
    reason: `"${name}" is not a category name (1 to 40 lower-case letters, digits or dashes, a letter first): give it one with --category "${name}=NAME", or --category NAME for all rows`,
  };
}
