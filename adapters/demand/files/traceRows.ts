/** Lines of a trace file enter, its rows leave per category; what is wrong is said with file, line and reason. */
import { columnList, type ImportField, recognizeColumns } from '../../../core/demand/import/columns';
import { PamError } from '../../../core/errors';
import { readTimestamp } from '../../../core/time/timestamps';
import type { WallClock } from '../../../core/time/wallClock';
import { openByteStream } from './byteStream';
import { CsvRows } from './csvRows';
import type { FileRecord } from './fileRecord';
import { textLines } from './textLines';

/** The rows of one category, in the order of the file; the three arrays go together. */
export interface CategoryRows {
  readonly timesMs: number[];
  readonly counts: number[];
  readonly lines: number[];
}

export interface TraceRowOptions {
  /** Zone of times that name none. */
  readonly clock: WallClock;
  /** Categories to keep; null = all. */
  readonly categories: readonly string[] | null;
  /** Field → name of its column, where the usual names don't say it. */
  readonly map: ReadonlyMap<ImportField, string>;
}

export interface TraceRows {
  readonly byCategory: ReadonlyMap<string, CategoryRows>;
  /** Every category of the file, kept or not. */
  readonly seen: ReadonlySet<string>;
}

/** Bad rows that a message names; the rest is counted. */
const mostNamed = 5;
/** Characters of a reason, which may quote what was found. */
const longestReason = 300;
const number = /^\d+(\.\d*)?(e[+-]?\d+)?$|^\.\d+$/i;

/** Throws PamError NOT_FOUND or DENIED for the file, INVALID_DATA for what is in it. */
export async function readTraceRows(file: string, options: TraceRowOptions): Promise<TraceRows> {
  const stream = await openByteStream(file);
  const byCategory = new Map<string, CategoryRows>();
  const seen = new Set<string>();
  const problems: string[] = [];
  let bad = 0;
  let csv: CsvRows | null = null;
  let read: ((record: FileRecord) => void) | null = null;

  const take = (records: readonly FileRecord[]) => {
    for (const record of records) read?.(record);
  };
  for await (const lines of textLines(stream)) {
    let batch = lines;
    if (csv === null) {
      const header = lines.findIndex(({ text, bad }) => bad !== undefined || text.trim() !== '');
      if (header < 0) continue;
      const { line, bad: tooLong } = lines[header]!;
      if (tooLong !== undefined) throw new PamError('INVALID_DATA', `${file}:${line}: ${tooLong}`);
      csv = new CsvRows(lines[header]!.text);
      read = rowReader(csv.names, file, options, { byCategory, seen }, (line, reason) => {
        if (++bad <= mostNamed) problems.push(`${file}:${line}: ${reason.slice(0, longestReason)}`);
      });
      batch = lines.slice(header + 1);
    }
    take(csv.take(batch));
  }
  if (csv !== null) take(csv.end());
  const broken = stream.broken();
  if (broken !== null) throw new PamError('INVALID_DATA', `${file}: ${broken}`);
  if (csv === null)
    throw new PamError('INVALID_DATA', `${file} is empty: expected the header timestamp_iso,category,count`);
  if (bad > 0)
    throw new PamError(
      'INVALID_DATA',
      `${problems.join('\n')}${bad > mostNamed ? `\n… and ${bad - mostNamed} more bad rows` : ''}`,
    );
  return { byCategory, seen };
}

function rowReader(
  names: readonly string[],
  file: string,
  { clock, categories, map }: TraceRowOptions,
  { byCategory, seen }: { byCategory: Map<string, CategoryRows>; seen: Set<string> },
  complain: (line: number, reason: string) => void,
): (record: FileRecord) => void {
  const { columns } = recognizeColumns(names, map, file);
  const countColumn = columns.get('count');
  if (countColumn === undefined)
    throw new PamError(
      'INVALID_DATA',
      `${file}:1: no column "count" among ${columnList(names)}; expected timestamp_iso,category,count, or --map count=COLUMN`,
    );
  const [timeColumn, unit] = columns.has('timestamp')
    ? [columns.get('timestamp')!, 'iso' as const]
    : columns.has('timestamp_ms')
      ? [columns.get('timestamp_ms')!, 'ms' as const]
      : [columns.get('timestamp_s')!, 's' as const];
  const typeColumn = columns.get('type');
  return (record) => {
    const { line } = record;
    if ('bad' in record) return complain(line, record.bad);
    const timeMs = readTimestamp(record.read(timeColumn) ?? '', { unit, clock, ambiguous: 'earlier' });
    if (typeof timeMs === 'string') return complain(line, timeMs);
    const category = typeColumn === undefined ? 'all' : (record.read(typeColumn) ?? '').trim();
    if (category === '') return complain(line, 'the category is empty');
    const text = (record.read(countColumn) ?? '').trim();
    if (!number.test(text))
      return complain(
        line,
        text === ''
          ? 'the count is empty; leave the row out where nothing was measured'
          : `count "${text}" is not a number of requests, 0 or more`,
      );
    seen.add(category);
    if (categories !== null && !categories.includes(category)) return;
    let rows = byCategory.get(category);
    if (rows === undefined) {
      rows = { timesMs: [], counts: [], lines: [] };
      byCategory.set(category, rows);
    }
    rows.timesMs.push(timeMs);
    rows.counts.push(Number(text));
    rows.lines.push(line);
  };
}
