/** The column names of a file → what each column means, and the shape of the file: one request a row, or counts. */
import { PamError } from '../../errors';

/** Fields that an import reads; each unit is in the name. */
export const importFields = [
  'timestamp',
  'timestamp_ms',
  'timestamp_s',
  'type',
  'count',
  'source',
  'resource_ms',
  'resource_s',
  'latency_ms',
  'status',
] as const;
export type ImportField = (typeof importFields)[number];

export type ImportShape = 'requests' | 'counts';

export interface ImportColumns {
  readonly shape: ImportShape;
  /** Field → name of its column in the file. */
  readonly columns: ReadonlyMap<ImportField, string>;
}

/** Names that are understood without `--map`, best first; compared without case. */
const understood: Readonly<Record<ImportField, readonly string[]>> = {
  timestamp: ['timestamp', 'timestamp_iso', 'time', 'datetime', 'ts'],
  timestamp_ms: ['timestamp_ms', 'time_ms', 'epoch_ms'],
  timestamp_s: ['timestamp_s', 'time_s', 'epoch_s', 'epoch'],
  type: ['type', 'category', 'request_type'],
  count: ['count', 'requests'],
  source: ['source'],
  resource_ms: ['resource_ms', 'busy_ms', 'node_ms'],
  resource_s: ['resource_s', 'resource_seconds', 'busy_seconds', 'node_seconds'],
  latency_ms: ['latency_ms'],
  status: ['status'],
};

/** Names of a resource column without a unit. */
const unitless = ['resource', 'resource_consumption', 'consumption'];

/** Names that are likely counts: without a hint each row of such a file would be one request. */
const likelyCounts = [
  'value',
  'n',
  'cnt',
  'total',
  'hits',
  'rate',
  'calls',
  'invocations',
  'num_requests',
  'cv',
];

/**
 * Throws PamError INVALID_DATA if the file lacks a column that is needed, INVALID_INPUT if `--map` names one that is
 * not there. `map` is field → column, as the user gave it; `place` names the file in messages.
 */
export function recognizeColumns(
  names: readonly string[],
  map: ReadonlyMap<ImportField, string>,
  place: string,
): ImportColumns {
  const columns = new Map<ImportField, string>();
  for (const [field, column] of map) {
    if (!names.includes(column))
      throw new PamError(
        'INVALID_INPUT',
        `${place}: --map ${field}=${column} names a column that is not there; the file has ${columnList(names)}`,
      );
    columns.set(field, column);
  }
  const mapped = new Set(map.values());
  const timeIsMapped = timeFields.some((field) => columns.has(field));
  for (const field of importFields) {
    if (columns.has(field) || (timeIsMapped && isTimeField(field))) continue;
    const column = understood[field]
      .map((name) => names.find((candidate) => candidate.toLowerCase() === name && !mapped.has(candidate)))
      .find((found) => found !== undefined);
    if (column !== undefined) columns.set(field, column);
  }
  if (!timeFields.some((field) => columns.has(field)))
    throw new PamError(
      'INVALID_DATA',
      `${place}: no timestamp column among ${columnList(names)}; expected a header with "timestamp" (ISO 8601), "timestamp_s" or "timestamp_ms" (since 1970), or --map timestamp=COLUMN`,
    );
  const bare = names.find((name) => unitless.includes(name.toLowerCase()) && !mapped.has(name));
  if (bare !== undefined && !columns.has('resource_ms') && !columns.has('resource_s'))
    throw new PamError(
      'INVALID_DATA',
      `${place}: column "${bare}" does not say its unit; say --map resource_ms=${bare} (node-milliseconds a request) or --map resource_s=${bare} (node-seconds)`,
    );
  const likely = names.find((name) => likelyCounts.includes(name.toLowerCase()) && !mapped.has(name));
  if (likely !== undefined && !columns.has('count') && map.size === 0)
    throw new PamError(
      'INVALID_DATA',
      `${place}: is a row one request, or is "${likely}" a count of requests? Without a column "count" a row is one request; say --map count=${likely} for counts, or --map type=COLUMN for requests`,
    );
  return { shape: columns.has('count') ? 'counts' : 'requests', columns };
}

/** `timestamp=ts,type=route` → field → column. Throws PamError INVALID_INPUT. */
export function readColumnMap(text: string): Map<ImportField, string> {
  const map = new Map<ImportField, string>();
  for (const pair of text.split(',').filter((part) => part.trim() !== '')) {
    const equals = pair.indexOf('=');
    const field = importFields.find((name) => name === pair.slice(0, equals).trim());
    const column = pair.slice(equals + 1).trim();
    if (equals < 1 || field === undefined || column === '')
      throw new PamError(
        'INVALID_INPUT',
        `--map "${pair}": expected FIELD=COLUMN with a field of ${importFields.join(', ')}`,
      );
    map.set(field, column);
  }
  return map;
}

const timeFields: readonly ImportField[] = ['timestamp', 'timestamp_ms', 'timestamp_s'];
const isTimeField = (field: ImportField) => timeFields.includes(field);
const mostListed = 30;
/** The names for a message, the first of them. */
export const columnList = (names: readonly string[]) => {
  if (names.length === 0) return '(none)';
  const shown = names.slice(0, mostListed).map((name) => `"${name.slice(0, 100)}"`);
  return `${shown.join(', ')}${names.length > mostListed ? ` and ${names.length - mostListed} more` : ''}`;
};
