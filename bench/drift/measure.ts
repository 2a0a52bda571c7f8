/**
 * How often the tests for drift are wrong on real traces, and how soon they find a change put into them: forecasts as in
 * service (boosted, refitted daily), every bin scored. `measure.ts FOLDER [TRACE,TRACE…]`, FOLDER holding the traces.
 */
import { binsPerDay } from '../../core/demand/clock';
import type { DemandSeries } from '../../core/demand/series';
import { type Drift, type DriftState, firstDriftState } from '../../core/evaluation/drift/drift';
import { messageOf } from '../../core/thrown';
import { firstFitDays, learningDays, type Part, parts, readPart } from './parts';
import {
  advanceTests,
  branchOf,
  changeSize,
  fitAt,
  type InService,
  injected,
  injections,
  inServiceWith,
  stepInService,
} from './runForecasts';

const injectEveryBins = 445;
const followedBins = 120;

interface Found {
  readonly bins: number | null;
  /** |log| of the change over its first ten bins. */
  readonly size: number;
}

async function measure(folder: string, part: Part): Promise<void> {
  const series = await readPart(folder, part);
  const day = binsPerDay(series.clock);
  const first = firstFitDays * day;
  let fits = 0;
  let at = inServiceWith(await fitAt(series, first, null, 'fit-0'));
  let state = advanceTests(
    firstDriftState(series.clock, series.startMs, 'fit-0'),
    series,
    0,
    first,
    [],
    'fit-0',
  ).state;
  const wrong: Drift[] = [];
  const found = new Map(injections.map((what) => [what, [] as Found[]]));
  for (let index = first; index < series.counts.length; index++) {
    if (index > first && (index - first) % day === 0)
      at = { ...at, incumbent: await fitAt(series, index, at.incumbent, `fit-${++fits}`) };
    const step = await stepInService(at, series, index);
    at = step.at;
    const advanced = advanceTests(state, series, index - 1, index, step.scores, at.incumbent.id);
    state = advanced.state;
    wrong.push(...advanced.found);
    const injects = (index - first) % injectEveryBins === 100 && index >= learningDays * day;
    if (!injects || index + followedBins + 1 >= series.counts.length) continue;
    for (const what of injections)
      found
        .get(what)!
        .push(await follow(injected(series, index, what, followedBins), series, index, at, state));
  }
  const weeks = (series.counts.length / day - 7) / 7;
  const said = wrong.map(
    ({ kind, detectedMs, what }) => `${new Date(detectedMs).toISOString().slice(5, 16)} ${kind}: ${what}`,
  );
  process.stdout.write(`${part.name}: ${wrong.length} alarms in ${weeks.toFixed(1)} weeks of testing\n`);
  for (const line of said) process.stdout.write(`  ${line}\n`);
  for (const [what, all] of found) {
    process.stdout.write(`  ${what.padEnd(14)} ${told(all)}\n`);
    const large = all.filter(({ size }) => size > Math.log(1.5));
    if (large.length < all.length) process.stdout.write(`  ${' by 1.5 times'.padEnd(14)} ${told(large)}\n`);
  }
}

async function follow(
  changed: DemandSeries,
  series: DemandSeries,
  from: number,
  at: InService,
  state: DriftState,
): Promise<Found> {
  let branch = branchOf(at);
  let tests = state;
  const size = changeSize(changed, series, from);
  for (let index = from + 1; index <= from + followedBins; index++) {
    const step = await stepInService(branch, changed, index);
    branch = step.at;
    const advanced = advanceTests(tests, changed, index - 1, index, step.scores, branch.incumbent.id);
    tests = advanced.state;
    if (advanced.found.length > 0) return { bins: index - from, size };
  }
  return { bins: null, size };
}

function told(all: readonly Found[]): string {
  const delays = all.flatMap(({ bins }) => (bins === null ? [] : [bins])).sort((a, b) => a - b);
  const within = (bins: number) => delays.filter((delay) => delay <= bins).length;
  return `found within 30 bins ${within(30)}, 60 bins ${within(60)}, ${followedBins} bins ${within(followedBins)} of ${all.length}; median ${delays[Math.floor(delays.length / 2)] ?? '–'}`;
}

async function main(): Promise<void> {
  const [folder, names] = process.argv.slice(2);
  if (folder === undefined) throw new Error('expected the folder of the traces');
  for (const part of parts)
    if (names === undefined || names.split(',').includes(part.name)) await measure(folder, part);
}

main().catch((error) => {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
});
