/** A trace file (`timestamp_iso,category,count`, plain or gzip) → its demand series; an absent row is missing, not zero. */
import { createReadStream } from 'node:fs';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { CsvError, parse } from 'csv-parse';
import { z } from 'zod';
import { describeIssues } from '../../core/demand/category';
import type { DemandSeries } from '../../core/demand/series';
import { PamError } from '../../core/errors';

const traceRow = z.object({
  timestamp_iso: z
    .string()
    .transform(instantOf)
    .refine((timeMs) => !Number.isNaN(timeMs), 'expected an ISO 8601 time, such as 2026-03-02T08:00:00Z'),
  category: z.string().default('all'),
  count: z
    .string()
    .regex(/^\d+(\.\d+)?$/, 'expected a number of requests')
    .transform(Number),
});
const parsedRecord = z.object({ record: traceRow, info: z.object({ lines: z.number() }) });
const dayMs = 86_400_000;

/** ms since the epoch, NaN for what is no time; a time without a zone is read as UTC. */
export function instantOf(text: string): number {
  if (!/^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}/.test(text)) return Number.NaN;
  const zoned = /(Z|[+-]\d{2}:?\d{2})$/.test(text);
  return Date.parse(zoned ? text : `${text.replace(' ', 'T')}Z`);
}

/**
 * `place` is a file, or `file#category` where the file has several; without one, all of them are summed. The bin is
 * the smallest step between rows. Throws PamError NOT_FOUND or INVALID_DATA with file and line.
 */
export async function readTrace(place: string): Promise<DemandSeries> {
  const [file = place, wanted] = place.split('#');
  const counts = new Map<number, number>();
  const seen = new Set<string>();
  const source = createReadStream(file);
  const unpacked = file.endsWith('.gz')
    ? createGunzip()
    : new Transform({ transform: (chunk, _, done) => done(null, chunk) });
  const parser = parse({ columns: true, trim: true, skip_empty_lines: true, info: true });
  try {
    await pipeline(source, unpacked, parser, async (records: AsyncIterable<unknown>) => {
      for await (const entry of records) {
        const read = parsedRecord.safeParse(entry);
        if (!read.success) throw badRow(file, entry, read.error);
        const { timestamp_iso: timeMs, category, count } = read.data.record;
        seen.add(category);
        if (wanted === undefined || category === wanted)
          counts.set(timeMs, (counts.get(timeMs) ?? 0) + count);
      }
    });
  } catch (error) {
    throw told(file, error);
  }
  if (counts.size < 2)
    throw new PamError(
      'INVALID_DATA',
      wanted !== undefined && seen.size > 0 && !seen.has(wanted)
        ? `${file} has no category "${wanted}"; expected one of ${[...seen].slice(0, 10).join(', ')}`
        : `${file} has ${counts.size} usable rows; expected at least 2 of timestamp_iso,category,count`,
    );
  return seriesOf(file, counts);
}

function seriesOf(file: string, counts: ReadonlyMap<number, number>): DemandSeries {
  const times = [...counts.keys()].sort((a, b) => a - b);
  let binMs = Number.POSITIVE_INFINITY;
  for (let index = 1; index < times.length; index++)
    binMs = Math.min(binMs, (times[index] ?? 0) - (times[index - 1] ?? 0));
  const startMs = times[0] ?? 0;
  const bins = ((times.at(-1) ?? startMs) - startMs) / binMs + 1;
  if (dayMs % binMs !== 0 || startMs % binMs !== 0 || !Number.isInteger(bins) || bins > 50_000_000)
    throw new PamError(
      'INVALID_DATA',
      `${file}: its smallest step is ${binMs / 1_000} s from ${new Date(startMs).toISOString()}; expected bins that divide the day, all on one grid`,
    );
  const series = { clock: { binMs, dayMs }, startMs, counts: new Float64Array(bins).fill(Number.NaN) };
  for (const [timeMs, count] of counts) series.counts[(timeMs - startMs) / binMs] = count;
  return series;
}

function badRow(file: string, entry: unknown, error: z.ZodError): PamError {
  const line = z.object({ info: z.object({ lines: z.number() }) }).safeParse(entry);
  const where = line.success ? `${file}:${line.data.info.lines}` : file;
  return new PamError('INVALID_DATA', `${where}: ${describeIssues(error).replaceAll('record.', '')}`);
}

function told(file: string, error: unknown): Error {
  if (error instanceof PamError) return error;
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
  if (code === 'ENOENT' || code === 'EISDIR' || code === 'EACCES')
    return new PamError(
      'NOT_FOUND',
      `${file}: ${code === 'ENOENT' ? 'no such file' : 'not a readable file'}`,
    );
  if (error instanceof CsvError) return new PamError('INVALID_DATA', `${file}: ${error.message}`);
  const message = error instanceof Error ? error.message : String(error);
  return new PamError('INVALID_DATA', `${file}: cannot be read as a trace: ${message}`, { cause: error });
}
