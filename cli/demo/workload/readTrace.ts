/** What `--trace` names → one demand series: a file, or one category of it. */
import { readTraceFile } from '../../../adapters/demand/files/readTraceFile';
import type { DemandSeries } from '../../../core/demand/series';

/** ms since the epoch; NaN if it is not a time. A time without a zone is read as UTC. */
export function instantOf(text: string): number {
  if (!/^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}/.test(text)) return Number.NaN;
  const zoned = /(Z|[+-]\d{2}:?\d{2})$/.test(text);
  return Date.parse(zoned ? text : `${text.replace(' ', 'T')}Z`);
}

/**
 * `place` is a file, or `file#category` if the file has several categories. Without a category all of them are summed;
 * a bin is missing if none of them has it. Throws what `readTraceFile` throws.
 */
export async function readTrace(place: string): Promise<DemandSeries> {
  const [file = place, wanted] = place.split('#');
  const { categories } = await readTraceFile(file, wanted === undefined ? {} : { categories: [wanted] });
  const [first, ...others] = [...categories.values()];
  if (first === undefined) throw new Error(`readTraceFile gave no series of ${file}`);
  const counts = Float64Array.from(first.counts);
  for (const { counts: more } of others)
    more.forEach((count, bin) => {
      const known = counts[bin] ?? Number.NaN;
      if (!Number.isNaN(count)) counts[bin] = Number.isNaN(known) ? count : known + count;
    });
  return { ...first, counts };
}
