/** What the parts are measured on: few days and categories of the traces of `make bench`, chosen before anything was measured. */
import { join } from 'node:path';
import { readTraceFile } from '../../adapters/demand/files/readTraceFile';
import type { DemandSeries } from '../../core/demand/series';
import type { EvaluatedTrace } from '../../simulation/replay';
import { parts, readPart } from '../drift/parts';
import { type EvaluatedWindow, readEvaluated } from '../evaluatedTraces';

export interface AblationWindow extends EvaluatedWindow {
  /** Of several categories those with the highest mean demand. */
  readonly categories: number;
}

const minutes = { categories: 1 } as const;

/** Four days a window, from where `make bench` judges on; of the World Cup its middle, with matches on every day. */
export const ablationWindows: readonly AblationWindow[] = [
  {
    ...minutes,
    name: 'wc98',
    file: 'wc98_1min.csv.gz',
    calendar: 'calendars/wc98_matches.ics',
    from: '1998-06-20T00:00:00Z',
    to: '1998-06-24T00:00:00Z',
  },
  {
    ...minutes,
    name: 'clarknet',
    file: 'clarknet_1min.csv.gz',
    from: '1995-09-04T00:00:00-04:00',
    to: '1995-09-08T00:00:00-04:00',
  },
  {
    ...minutes,
    name: 'twitter2021',
    file: 'twitter2021_1min.csv.gz',
    from: '2021-08-08T00:00:00Z',
    to: '2021-08-12T00:00:00Z',
  },
  {
    name: 'servegen m-small',
    file: 'servegen_msmall_clients_10min.csv.gz',
    from: '2025-01-08T00:00:00Z',
    to: '2025-01-12T00:00:00Z',
    categories: 1,
  },
  {
    name: 'servegen m-large',
    file: 'servegen_mlarge_clients_10min.csv.gz',
    from: '2025-01-08T00:00:00Z',
    to: '2025-01-12T00:00:00Z',
    categories: 1,
  },
  {
    name: 'nab tweets',
    file: 'nab_tweets_5min.csv.gz',
    from: '2015-03-30T00:00:00Z',
    to: '2015-04-03T00:00:00Z',
    categories: 1,
  },
];

/** A subset of two minutes that takes every path; its figures say nothing. */
export const fastAblationWindows: readonly AblationWindow[] = [
  { ...ablationWindows[3]!, to: '2025-01-11T00:00:00Z' },
];

const leadMinutes = 5;

export async function ablationTraces(folder: string, window: AblationWindow): Promise<EvaluatedTrace[]> {
  const { traces } = await readEvaluated(folder, window, leadMinutes);
  return largest(
    traces.map((trace) => ({
      trace,
      counts: trace.series.counts.subarray(trace.fromBin, trace.toBin),
    })),
    window.categories,
  ).map(({ trace }) => trace);
}

/** What is followed in service: a series, and another one whose model takes over by mistake. */
export interface ServedPart {
  readonly name: string;
  read(folder: string): Promise<{ readonly series: DemandSeries; readonly foreign: DemandSeries }>;
}

const twoLargest = (name: string, file: string): ServedPart => ({
  name,
  read: async (folder) => {
    const [series, foreign] = largest([...(await readTraceFile(join(folder, file))).categories.values()], 2);
    return { series: series!, foreign: foreign! };
  },
});

export const servedParts: readonly ServedPart[] = [
  twoLargest('servegen m-small', 'servegen_msmall_clients_10min.csv.gz'),
  twoLargest('nab tweets', 'nab_tweets_5min.csv.gz'),
  ...parts.map((part, index) => ({
    name: part.name,
    read: async (folder: string) => ({
      series: await readPart(folder, part),
      foreign: await readPart(folder, parts[(index + 1) % parts.length]!),
    }),
  })),
];

/** Categories that begin beside others, each of its trace at these bins. */
export interface BegunTrace {
  readonly name: string;
  readonly startBins: readonly number[];
  read(folder: string): Promise<ReadonlyMap<string, DemandSeries>>;
}

const siblings = (name: string, file: string, startBins: readonly number[]): BegunTrace => ({
  ...{ name, startBins },
  read: async (folder) => (await readTraceFile(join(folder, file))).categories,
});

/** On the tenth day and after; each of the traces in minutes begins beside the other two, as a stranger. */
export const begunTraces: readonly BegunTrace[] = [
  siblings('servegen m-small', 'servegen_msmall_clients_10min.csv.gz', [1_340, 1_550]),
  siblings('servegen m-large', 'servegen_mlarge_clients_10min.csv.gz', [1_340, 1_550]),
  siblings('nab tweets', 'nab_tweets_5min.csv.gz', [2_700, 5_000]),
  {
    ...{ name: 'minutes', startBins: [3_700, 6_500] },
    read: async (folder) => {
      const all = new Map<string, DemandSeries>();
      for (const part of parts) all.set(part.name, await readPart(folder, part));
      return all;
    },
  },
];

/** Traces for the tests of the level, which need no forecasts. */
export const levelTraces: readonly {
  readonly name: string;
  read(folder: string): Promise<DemandSeries[]>;
}[] = [
  ...parts.map((part) => ({
    name: part.name,
    read: async (folder: string) => [await readPart(folder, part)],
  })),
  ...begunTraces.slice(0, 3).map(({ name, read }) => ({
    name,
    read: async (folder: string) => largest([...(await read(folder)).values()], 3),
  })),
];

export function largest<Item extends { readonly counts: Float64Array }>(
  items: readonly Item[],
  count: number,
): Item[] {
  const meanOf = ({ counts }: Item) => {
    const measured = counts.filter((value) => !Number.isNaN(value));
    return measured.reduce((sum, value) => sum + value, 0) / Math.max(1, measured.length);
  };
  return [...items].sort((a, b) => meanOf(b) - meanOf(a)).slice(0, count);
}
