/** The text of a campaign schedule → its rows with their places. Throws PamError INVALID_DATA. */
import { parse } from 'csv-parse/sync';
import { PamError } from '../../core/errors';
import { type ReadingLimits, requireWithin } from '../../core/events/readingLimits';
import { messageOf } from '../../core/thrown';

/** Other names of columns that marketing tools use. */
const synonyms: Readonly<Record<string, string>> = {
  title: 'name',
  campaign: 'name',
  category: 'categories',
  from: 'start',
  begin: 'start',
  starts: 'start',
  to: 'end',
  until: 'end',
  ends: 'end',
  expected_uplift: 'uplift',
  expecteduplift: 'uplift',
  factor: 'uplift',
  type: 'kind',
};

/** Characters of a row. */
const longestRecord = 100_000;

export interface CampaignRow {
  /** Line of a CSV, place in a JSON list from 1. */
  readonly line: number;
  readonly values: Record<string, unknown>;
}

/** Our word for a column. */
export function columnNamed(name: string): string {
  const plain = name.trim().toLowerCase().replace(/[ -]/g, '_');
  return synonyms[plain] ?? plain;
}

export function jsonRows(text: string, name: string, limits: ReadingLimits): CampaignRow[] {
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new PamError('INVALID_DATA', `feed "${name}" is not JSON: ${messageOf(error)}`);
  }
  const list = Array.isArray(json) ? json : (json as Record<string, unknown>).campaigns;
  if (!Array.isArray(list))
    throw new PamError(
      'INVALID_DATA',
      `feed "${name}": expected a list of campaigns, or {"campaigns": [ … ]}`,
    );
  requireWithin(limits, 'entries', list.length, 'rows');
  return list.map((values: unknown, index) => ({
    line: index + 1,
    values:
      typeof values === 'object' && values !== null ? (values as Record<string, unknown>) : { name: '' },
  }));
}

/** Fields between commas, semicolons or tabs, whichever the header has. */
export function csvRows(
  text: string,
  name: string,
  problems: { line: number; reason: string }[],
  limits: ReadingLimits,
): CampaignRow[] {
  const [header = ''] = text
    .replace(/^\uFEFF/, '')
    .trimStart()
    .split(/[\r\n]/, 1);
  const delimiter = [',', ';', '\t'].reduce((best, sign) =>
    header.split(sign).length > header.split(best).length ? sign : best,
  );
  let records: { record: string[]; info: { lines: number } }[];
  try {
    records = parse(text, {
      bom: true,
      delimiter,
      info: true,
      trim: true,
      skip_empty_lines: true,
      relax_column_count: true,
      relax_quotes: true,
      // A quote that is never closed makes one record of the rest.
      max_record_size: longestRecord,
      to: limits.entries + 2,
    }) as unknown as typeof records;
  } catch (error) {
    throw new PamError('INVALID_DATA', `feed "${name}" is not CSV: ${messageOf(error)}`);
  }
  requireWithin(limits, 'entries', records.length - 1, 'rows');
  const columns = (records.shift()?.record ?? []).map((column) => column.trim());
  const known = columns.map(columnNamed);
  for (const needed of ['name', 'start'])
    if (!known.includes(needed))
      throw new PamError(
        'INVALID_DATA',
        `feed "${name}": no column "${needed}": expected a header such as "name,categories,start,end,uplift"`,
      );
  return records.flatMap(({ record, info }) => {
    if (record.length > columns.length) {
      problems.push({
        line: info.lines,
        reason: `left out: ${record.length} fields, the header has ${columns.length}`,
      });
      return [];
    }
    return [
      {
        line: info.lines,
        values: Object.fromEntries(record.map((value, index) => [columns[index] ?? '', value])),
      },
    ];
  });
}
