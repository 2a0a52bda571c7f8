/**
 * The tests of the level alone, which need no forecasts, on every category of the traces: how often they alarm, and how soon
 * they find a change put into them. `levels.ts FOLDER [TRACE,TRACE…]`.
 */
import { join } from 'node:path';
import { readTraceFile } from '../../adapters/demand/files/readTraceFile';
import { binsPerDay } from '../../core/demand/clock';
import type { DemandSeries } from '../../core/demand/series';
import { type DriftState, firstDriftState } from '../../core/evaluation/drift/drift';
import { messageOf } from '../../core/thrown';
import { learningDays, parts, readPart } from './parts';
import { advanceTests, changeSize, type Injection, injected, injections } from './runForecasts';

const others = [
  { name: 'nab_tweets', file: 'nab_tweets_5min.csv.gz' },
  { name: 'servegen m-large', file: 'servegen_mlarge_clients_10min.csv.gz' },
  { name: 'servegen m-small', file: 'servegen_msmall_clients_10min.csv.gz' },
];
const warmUpDays = 7;
const followedBins = 60;
/** Injections are as many a day as in `measure.ts`, and never closer than they are followed. */
const injectionsPerDay = 1_440 / 445;

/** Of changes that move the demand by at least 1.5 times in their first ten bins. */
interface Tally {
  within30: number;
  within60: number;
  all: number;
}

interface Result {
  readonly weeks: number;
  readonly alarms: number;
  readonly found: Readonly<Record<Injection, Tally>>;
}

function run(series: DemandSeries): Result {
  const day = binsPerDay(series.clock);
  const every = Math.max(followedBins + 1, Math.round(day / injectionsPerDay));
  const found = noneFound();
  let state = firstDriftState(series.clock, series.startMs, null);
  let alarms = 0;
  for (let bin = 0; bin < series.counts.length; bin++) {
    const step = advanceTests(state, series, bin, bin + 1, [], null);
    state = step.state;
    alarms += step.found.length;
    if (bin < learningDays * day || bin % every !== 0 || bin + followedBins + 1 >= series.counts.length)
      continue;
    for (const what of injections) {
      const { bins, size } = follow(state, series, bin + 1, what);
      if (Number.isNaN(size) || size < Math.log(1.5)) continue;
      found[what].all++;
      if (bins <= 60) found[what].within60++;
      if (bins <= 30) found[what].within30++;
    }
  }
  return { weeks: (series.counts.length / day - warmUpDays) / 7, alarms, found };
}

/** After how many bins a change from bin `from` on is found, Infinity when it is not, and |log| of its first ten bins. */
function follow(
  before: DriftState,
  series: DemandSeries,
  from: number,
  what: Injection,
): { bins: number; size: number } {
  const changed = injected(series, from, what, followedBins);
  const size = changeSize(changed, series, from);
  let state = before;
  for (let bin = from; bin < from + followedBins; bin++) {
    const step = advanceTests(state, changed, bin, bin + 1, [], null);
    state = step.state;
    if (step.found.length > 0) return { bins: bin + 1 - from, size };
  }
  return { bins: Number.POSITIVE_INFINITY, size };
}

const noneFound = (): Record<Injection, Tally> => ({
  'doubled level': { within30: 0, within60: 0, all: 0 },
  'lost season': { within30: 0, within60: 0, all: 0 },
  'shifted phase': { within30: 0, within60: 0, all: 0 },
});

function told(name: string, results: readonly Result[]): string {
  const sum = (of: (result: Result) => number) => results.reduce((total, result) => total + of(result), 0);
  const weeks = sum((result) => result.weeks);
  const said = injections.map((what) => {
    const of = (key: keyof Tally) => sum(({ found }) => found[what][key]);
    return `${what} within 30 bins ${of('within30')}, 60 bins ${of('within60')} of ${of('all')}`;
  });
  return `${name}: ${(sum(({ alarms }) => alarms) / weeks).toFixed(2)} alarms a week in ${weeks.toFixed(1)} weeks of ${results.length} categories; ${said.join('; ')}\n`;
}

/** The categories of each trace, to be read when it is their turn. */
const traces: readonly { name: string; read: (folder: string) => Promise<readonly DemandSeries[]> }[] = [
  ...parts.map((part) => ({
    name: part.name,
    read: async (folder: string) => [await readPart(folder, part)],
  })),
  ...others.map(({ name, file }) => ({ name, read: (folder: string) => longCategories(join(folder, file)) })),
];

async function longCategories(file: string): Promise<DemandSeries[]> {
  const { categories } = await readTraceFile(file);
  return [...categories.values()].filter(
    ({ clock, counts }) => counts.length > (warmUpDays + 3) * binsPerDay(clock),
  );
}

async function main(): Promise<void> {
  const [folder, names] = process.argv.slice(2);
  if (folder === undefined) throw new Error('expected the folder of the traces');
  for (const { name, read } of traces)
    if (names === undefined || names.split(',').includes(name))
      process.stdout.write(told(name, (await read(folder)).map(run)));
}

main().catch((error) => {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
});
