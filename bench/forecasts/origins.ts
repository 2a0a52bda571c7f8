/** Traces and competition series → what is known at an origin, and what came after it. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { readTraceFile } from '../../adapters/demand/files/readTraceFile';
import { type DemandSeries, measuredBins, seriesEndMs, sliceSeries } from '../../core/demand/series';
import { trainingDays } from '../../core/forecasting/trainingWindow';
import { seededRandom } from '../../core/statistics/random';

export interface Origin {
  readonly id: string;
  /** Trace, or "m4". */
  readonly group: string;
  readonly category: string;
  /** In bins of an hour; ends at the origin. */
  readonly history: DemandSeries;
  /** Hours after it; NaN where not measured. */
  readonly actual: Float64Array;
}

interface DayAheadTrace {
  readonly name: string;
  readonly file: string;
  /** Days of history before the first origin, and from one origin to the next. */
  readonly firstDay: number;
  readonly every: number;
}

/** Origins at midnight; so far apart that the rivals are done in minutes. */
const traces: readonly DayAheadTrace[] = [
  { name: 'wc98', file: 'wc98_1min.csv.gz', firstDay: 28, every: 2 },
  { name: 'clarknet', file: 'clarknet_1min.csv.gz', firstDay: 7, every: 1 },
  { name: 'twitter2021', file: 'twitter2021_1min.csv.gz', firstDay: 7, every: 1 },
  { name: 'servegen m-large', file: 'servegen_mlarge_clients_10min.csv.gz', firstDay: 7, every: 2 },
  { name: 'servegen m-small', file: 'servegen_msmall_clients_10min.csv.gz', firstDay: 7, every: 2 },
  { name: 'nab tweets', file: 'nab_tweets_5min.csv.gz', firstDay: 14, every: 7 },
  { name: 'nyc taxi', file: 'nab_nyc_taxi_30min.csv.gz', firstDay: 28, every: 9 },
  { name: 'wikipedia', file: 'limbo_wikipedia_1h.csv', firstDay: 14, every: 4 },
  { name: 'bikeshare', file: 'bikeshare_dc_1h.csv.gz', firstDay: 28, every: 61 },
  { name: 'uber', file: 'uber_nyc_boroughs_1h.csv.gz', firstDay: 28, every: 30 },
  { name: 'melbourne', file: 'melbourne_pedestrians_1h.csv.gz', firstDay: 28, every: 60 },
];

const hourMs = 3_600_000;
const dayHours = 24;
const dayMs = dayHours * hourMs;

export async function traceOrigins(folder: string, fast: boolean): Promise<Origin[]> {
  const origins: Origin[] = [];
  for (const trace of traces.filter(({ file }) => existsSync(join(folder, file)))) {
    const { categories } = await readTraceFile(join(folder, trace.file));
    for (const [category, series] of categories) {
      const found = originsOf(trace, category, hourly(series));
      // The last one: the most history.
      if (fast && origins.at(-1)?.group === trace.name) continue;
      origins.push(...(fast ? found.slice(-1) : found));
    }
  }
  return origins;
}

function originsOf(
  { name, firstDay, every }: DayAheadTrace,
  category: string,
  series: DemandSeries,
): Origin[] {
  const firstMs = Math.ceil(series.startMs / dayMs) * dayMs;
  const origins: Origin[] = [];
  for (let day = firstDay; firstMs + (day + 1) * dayMs <= seriesEndMs(series); day += every) {
    const originMs = firstMs + day * dayMs;
    const history = sliceSeries(series, Math.max(firstMs, originMs - trainingDays * dayMs), originMs);
    const actual = sliceSeries(series, originMs, originMs + dayMs).counts;
    if (measuredBins(history) < 2 * dayHours || actual.every(Number.isNaN)) continue;
    origins.push({ id: `${name}/${category}/${day}`, group: name, category, history, actual });
  }
  return origins;
}

/** Bins summed to hours; an hour of which less than half was measured is missing, others stand for the whole. */
function hourly(series: DemandSeries): DemandSeries {
  const { clock, startMs, counts } = series;
  const bins = Math.round(hourMs / clock.binMs);
  const firstMs = Math.ceil(startMs / hourMs) * hourMs;
  const skipped = Math.round((firstMs - startMs) / clock.binMs);
  const hours = Math.floor((counts.length - skipped) / bins);
  return {
    clock: { binMs: hourMs, dayMs },
    startMs: firstMs,
    counts: Float64Array.from({ length: hours }, (_, hour) => {
      const measured = counts
        .subarray(skipped + hour * bins, skipped + (hour + 1) * bins)
        .filter((count) => !Number.isNaN(count));
      if (2 * measured.length < bins) return Number.NaN;
      return (measured.reduce((sum, count) => sum + count, 0) * bins) / measured.length;
    }),
  };
}

/** The hourly series of the M4 competition; a seeded sample when `fast`. Empty where its files are missing. */
export function m4Origins(folder: string, fast: boolean): Origin[] {
  const file = (part: string) => join(folder, `Hourly-${part}.csv.gz`);
  if (!existsSync(file('train')) || !existsSync(file('test'))) return [];
  const [train, test] = [read(file('train')), read(file('test'))];
  const random = seededRandom(1);
  const share = fast ? 8 / train.length : 1;
  return train.flatMap(({ id, values }, index) =>
    share < 1 && random() > share
      ? []
      : [
          {
            id,
            group: 'm4',
            category: id,
            history: { clock: { binMs: hourMs, dayMs }, startMs: 0, counts: values },
            actual: test[index]!.values,
          },
        ],
  );
}

function read(file: string): { id: string; values: Float64Array }[] {
  return gunzipSync(readFileSync(file))
    .toString('utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => {
      const [id = '', ...cells] = line.replaceAll('"', '').trim().split(',');
      return { id, values: Float64Array.from(cells.filter((cell) => cell !== '').map(Number)) };
    });
}
