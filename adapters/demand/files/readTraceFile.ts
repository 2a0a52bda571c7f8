/** A trace file → one series per category on a shared grid of bins; an absent row is missing, not zero. */
import type { ImportField } from '../../../core/demand/import/columns';
import type { DemandSeries } from '../../../core/demand/series';
import { PamError } from '../../../core/errors';
import { instantText } from '../../../core/time/instantText';
import { wallClock } from '../../../core/time/wallClock';
import { type CategoryRows, readTraceRows } from './traceRows';

export interface TraceFile {
  readonly binMs: number;
  /** Per category, by name; all begin and end at the same bins. */
  readonly categories: ReadonlyMap<string, DemandSeries>;
  /** What the times of the file are later than the grid of the series, ms: bins may begin 7 s after the minute. */
  readonly offsetMs: number;
}

export interface TraceFileOptions {
  /** Zone of times that name none; UTC when absent. */
  readonly zone?: string;
  /** Categories to read; absent or empty = all. */
  readonly categories?: readonly string[];
  /** Field → name of its column; the usual names need none. */
  readonly map?: ReadonlyMap<ImportField, string>;
}

const dayMs = 86_400_000;
const shortestBinMs = 1_000;
const longestBinMs = 3_600_000;
const mostBins = 20_000_000;

/**
 * `timestamp_iso,category,count`, plain or gzip; the bin is the smallest step between rows of a category. Throws
 * PamError NOT_FOUND, DENIED or INVALID_DATA with file, line and reason, INVALID_INPUT for an unknown category or zone.
 */
export async function readTraceFile(file: string, options: TraceFileOptions = {}): Promise<TraceFile> {
  const wanted = options.categories?.length ? options.categories : null;
  const { byCategory, seen } = await readTraceRows(file, {
    clock: wallClock(options.zone ?? 'UTC'),
    categories: wanted,
    map: options.map ?? new Map(),
  });
  const unknown = wanted?.find((name) => !seen.has(name));
  if (unknown !== undefined)
    throw new PamError('INVALID_INPUT', `${file} has no category "${unknown}"; it has ${listed([...seen])}`);
  const sorted = [...byCategory].map(([name, rows]) => ({ name, rows: inOrder(file, name, rows) }));
  const binMs = binOf(file, sorted);
  let fromMs = Number.POSITIVE_INFINITY;
  let toMs = Number.NEGATIVE_INFINITY;
  for (const { rows } of sorted) {
    fromMs = Math.min(fromMs, rows.timesMs[0]!);
    toMs = Math.max(toMs, rows.timesMs.at(-1)!);
  }
  const offsetMs = ((fromMs % binMs) + binMs) % binMs;
  const startMs = fromMs - offsetMs;
  const bins = Math.floor((toMs - fromMs) / binMs) + 1;
  if (bins > mostBins)
    throw new PamError(
      'INVALID_DATA',
      `${file}: from ${instantText(fromMs)} to ${instantText(toMs)} in bins of ${binMs / 1_000} s are ${bins} bins, more than ${mostBins}; is a year wrong?`,
    );
  const categories = new Map<string, DemandSeries>();
  for (const { name, rows } of sorted.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const counts = new Float64Array(bins).fill(Number.NaN);
    rows.timesMs.forEach((timeMs, index) => {
      const bin = (timeMs - fromMs) / binMs;
      if (!Number.isInteger(bin))
        throw new PamError(
          'INVALID_DATA',
          `${file}:${rows.lines[index]}: ${instantText(timeMs)} of "${name}" is not on the grid of ${binMs / 1_000} s bins from ${instantText(fromMs)}; expected every row at the start of a bin`,
        );
      counts[bin] = rows.counts[index]!;
    });
    categories.set(name, { clock: { binMs, dayMs }, startMs, counts });
  }
  return { binMs, categories, offsetMs };
}

/** The rows by time; throws where two are of the same bin. */
function inOrder(file: string, name: string, rows: CategoryRows): CategoryRows {
  const order = rows.timesMs
    .map((_, index) => index)
    .sort((a, b) => rows.timesMs[a]! - rows.timesMs[b]! || a - b);
  for (let index = 1; index < order.length; index++) {
    const [first, second] = [order[index - 1]!, order[index]!];
    if (rows.timesMs[first] === rows.timesMs[second])
      throw new PamError(
        'INVALID_DATA',
        `${file}:${rows.lines[second]}: a second row of "${name}" at ${instantText(rows.timesMs[second]!)}; the first one is in line ${rows.lines[first]}`,
      );
  }
  return {
    timesMs: order.map((index) => rows.timesMs[index]!),
    counts: order.map((index) => rows.counts[index]!),
    lines: order.map((index) => rows.lines[index]!),
  };
}

function binOf(file: string, categories: readonly { name: string; rows: CategoryRows }[]): number {
  let binMs = Number.POSITIVE_INFINITY;
  let where = '';
  for (const { name, rows } of categories)
    for (let index = 1; index < rows.timesMs.length; index++) {
      const step = rows.timesMs[index]! - rows.timesMs[index - 1]!;
      if (step >= binMs) continue;
      binMs = step;
      where = `between lines ${rows.lines[index - 1]} and ${rows.lines[index]} ("${name}")`;
    }
  if (!Number.isFinite(binMs))
    throw new PamError(
      'INVALID_DATA',
      `${file}: no category has two rows; expected timestamp_iso,category,count with a row per bin and category`,
    );
  if (binMs < shortestBinMs || binMs > longestBinMs || dayMs % binMs !== 0)
    throw new PamError(
      'INVALID_DATA',
      `${file}: the smallest step is ${binMs / 1_000} s, ${where}; expected bins of ${shortestBinMs / 1_000} s to 1 h that divide the day`,
    );
  return binMs;
}

function listed(names: readonly string[]): string {
  const shown = names
    .slice(0, 12)
    .map((name) => `"${name}"`)
    .join(', ');
  return names.length > 12 ? `${shown} and ${names.length - 12} more` : shown;
}
