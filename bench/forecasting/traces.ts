/** Trace files and calendars of a folder → demand series and events, with the scorecard's windows of judgement. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { DemandSeries } from '../../core/demand/series';
import type { DemandEvent } from '../../core/events/event';

const dayMs = 86_400_000;

export interface JudgedTrace {
  readonly name: string;
  readonly file: string;
  readonly calendar?: string;
  /** Judged from … to, ISO; absent: from the eighth day to the end. */
  readonly from?: string;
  readonly to?: string;
}

export const judgedTraces: readonly JudgedTrace[] = [
  {
    name: 'wc98',
    file: 'wc98_1min.csv.gz',
    calendar: 'calendars/wc98_matches.ics',
    from: '1998-06-10',
    to: '1998-07-12',
  },
  { name: 'wc98-no-calendar', file: 'wc98_1min.csv.gz', from: '1998-06-10', to: '1998-07-12' },
  { name: 'clarknet', file: 'clarknet_1min.csv.gz', from: '1995-09-04' },
  { name: 'twitter2021', file: 'twitter2021_1min.csv.gz', from: '2021-08-08' },
  { name: 'servegen-mlarge', file: 'servegen_mlarge_clients_10min.csv.gz' },
  { name: 'servegen-msmall', file: 'servegen_msmall_clients_10min.csv.gz' },
  { name: 'nab-tweets', file: 'nab_tweets_5min.csv.gz' },
];

export interface LoadedTrace {
  readonly categories: readonly { name: string; series: DemandSeries }[];
  readonly events: readonly DemandEvent[];
  /** First judged bin and the one after the last, indices into every series. */
  readonly fromIndex: number;
  readonly toIndex: number;
}

export async function loadTrace(folder: string, trace: JudgedTrace): Promise<LoadedTrace> {
  const bytes = readFileSync(join(folder, trace.file));
  const text = (trace.file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  const rows = text
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => {
      const [time = '', category = '', count = ''] = line.split(',');
      return { ms: parseTime(time), category, count: Number(count) };
    });
  const times = [...new Set(rows.map(({ ms }) => ms))].sort((a, b) => a - b);
  let binMs = Number.POSITIVE_INFINITY;
  for (let index = 1; index < times.length; index++)
    binMs = Math.min(binMs, times[index]! - times[index - 1]!);
  const startMs = times[0]!;
  const bins = Math.round((times.at(-1)! - startMs) / binMs) + 1;
  const counts = new Map<string, Float64Array>();
  for (const { ms, category, count } of rows) {
    if (!counts.has(category)) counts.set(category, new Float64Array(bins).fill(Number.NaN));
    counts.get(category)![Math.round((ms - startMs) / binMs)] = count;
  }
  const indexOf = (iso: string | undefined, otherwise: number) =>
    iso === undefined ? otherwise : Math.min(bins, Math.ceil((parseTime(iso) - startMs) / binMs));
  const midnight = Math.floor(startMs / dayMs) * dayMs;
  return {
    categories: [...counts].map(([name, values]) => ({
      name,
      series: { clock: { binMs, dayMs }, startMs, counts: values },
    })),
    events: trace.calendar === undefined ? [] : await readEvents(join(folder, trace.calendar)),
    fromIndex: indexOf(trace.from, Math.round((midnight + 7 * dayMs - startMs) / binMs)),
    toIndex: indexOf(trace.to, bins),
  };
}

/** Local times are kept as they are on the wall, so that the day begins at local midnight. */
function parseTime(text: string): number {
  return Date.parse(`${text.replace(/(Z|[+-]\d\d:\d\d)$/, '')}${text.length > 10 ? '' : 'T00:00:00'}Z`);
}

async function readEvents(file: string): Promise<DemandEvent[]> {
  const { default: ical } = await import('ical.js');
  const calendar = new ical.Component(ical.parse(readFileSync(file, 'utf8')));
  return calendar.getAllSubcomponents('vevent').map((component) => {
    const event = new ical.Event(component);
    return {
      id: event.uid,
      kind: String(component.getFirstPropertyValue('categories') ?? 'event'),
      title: event.summary,
      startMs: event.startDate.toJSDate().getTime(),
      endMs: event.endDate.toJSDate().getTime(),
      source: 'calendar',
    };
  });
}
