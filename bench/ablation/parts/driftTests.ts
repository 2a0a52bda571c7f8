/** Demand, scores and a set of statistics that are left out → what the tests for drift find, and when. */
import { binsPerDay } from '../../../core/demand/clock';
import type { DemandSeries } from '../../../core/demand/series';
import { type DriftState, firstDriftState } from '../../../core/evaluation/drift/drift';
import { driftStatistics } from '../../../core/evaluation/drift/driftStatistics';
import type { DailyRecord } from '../../../core/evaluation/drift/recordTest';
import { advanceTests, changeSize, type Injection, injected, injections } from '../../drift/runForecasts';
import { type Change, changed, changes, type Failure } from '../replay/scenarios';
import type { Branch, Service } from '../replay/service';
import type { ServedBin } from '../replay/serving';
import { secondsSince } from '../replay/streams';

/** Names of statistics, or the beginning of them, that a variant goes without. */
export const driftVariants: Readonly<Record<string, readonly string[]>> = {
  'all tests': [],
  'without level, 28 bins': ['level-up-28', 'level-down-28'],
  'without level, 29 bins': ['level-up-29', 'level-down-29'],
  'without level, 60 bins': ['level-up-60', 'level-down-60'],
  'without level': ['level'],
  'without error': ['error'],
  'without misses': ['misses'],
  'without error and misses': ['error', 'misses'],
};
export const levelVariants = Object.keys(driftVariants).slice(0, 4);

export interface Finding {
  readonly what: Change | Failure;
  /** Bins until the first alarm; null: none while it was followed. */
  readonly afterBins: number | null;
  readonly kind: string | null;
}

export interface DriftFigures {
  readonly variant: string;
  readonly weeks: number;
  /** Alarms without a change. */
  readonly alarms: number;
  readonly found: readonly Finding[];
  /** Processor time of the tests of one bin, mean, ms. */
  readonly msPerBin: number;
}

/** A record that nothing exceeds: the statistic is computed and never alarms. */
const never: DailyRecord = { day: null, top: 1e9, tops: new Array(28).fill(1e9) };

function without(state: DriftState, left: readonly string[]): DriftState {
  if (left.length === 0) return state;
  const blind = driftStatistics.filter(({ name }) => left.some((start) => name.startsWith(start)));
  return {
    ...state,
    records: { ...state.records, ...Object.fromEntries(blind.map(({ name }) => [name, never])) },
  };
}

function advance(
  state: DriftState,
  left: readonly string[],
  series: DemandSeries,
  bin: number,
  { scores, modelId }: Pick<ServedBin, 'scores'> & { readonly modelId: string | null },
) {
  return advanceTests(without(state, left), series, bin - 1, bin, scores, modelId);
}

export function driftFigures(series: DemandSeries, service: Service, variant: string): DriftFigures {
  const left = driftVariants[variant]!;
  const { firstBin, served, branches } = service;
  const none = { scores: [], modelId: served[0]!.modelId };
  let state = firstDriftState(series.clock, series.startMs, none.modelId);
  let alarms = 0;
  let tested = 0;
  const began = process.cpuUsage();
  const found: Finding[] = [];
  for (let bin = 1; bin < firstBin + served.length; bin++) {
    for (const branch of branches)
      if (branch.fromBin === bin) {
        const finding = firstAlarm(series, state, left, branch);
        found.push(finding);
        tested += finding.afterBins ?? branch.served.length;
      }
    const step = advance(state, left, series, bin, served[bin - firstBin] ?? none);
    state = step.state;
    alarms += step.found.length;
  }
  const weeks = ((firstBin + served.length) / binsPerDay(series.clock) - 7) / 7;
  tested += firstBin + served.length;
  return { variant, weeks, alarms, found, msPerBin: (1_000 * secondsSince(began)) / tested };
}

function firstAlarm(
  series: DemandSeries,
  before: DriftState,
  left: readonly string[],
  { fromBin, what, served }: Branch,
): Finding {
  const change = changes.find((known) => known === what);
  const other = change === undefined ? series : changed(series, fromBin, change, served.length + 6);
  let state = before;
  for (const [after, decided] of served.entries()) {
    const step = advance(state, left, other, fromBin + after, decided);
    state = step.state;
    const [alarm] = step.found;
    if (alarm !== undefined) return { what, afterBins: after, kind: alarm.kind };
  }
  return { what, afterBins: null, kind: null };
}

export interface LevelFigures {
  readonly variant: string;
  readonly weeks: number;
  readonly alarms: number;
  /** Of changes that move the demand by at least 1.5 times in their first ten bins: found within 30 and 60 bins, and how many there were. */
  readonly found: Readonly<Record<Injection, { within30: number; within60: number; all: number }>>;
}

const levelLearningDays = 8;
const levelWarmUpDays = 7;
const followedBins = 60;
const injectionsPerDay = 1_440 / 445;

/** The tests of the level alone, which need no forecasts and so many more changes. */
export function levelFigures(series: DemandSeries, variant: string): LevelFigures {
  const left = driftVariants[variant]!;
  const day = binsPerDay(series.clock);
  const every = Math.max(followedBins + 1, Math.round(day / injectionsPerDay));
  const found = Object.fromEntries(
    injections.map((what) => [what, { within30: 0, within60: 0, all: 0 }]),
  ) as LevelFigures['found'];
  const none = { scores: [], modelId: null };
  let state = firstDriftState(series.clock, series.startMs, null);
  let alarms = 0;
  for (let bin = 1; bin < series.counts.length; bin++) {
    const step = advance(state, left, series, bin, none);
    state = step.state;
    alarms += step.found.length;
    if (bin < levelLearningDays * day || bin % every !== 0 || bin + followedBins + 1 >= series.counts.length)
      continue;
    for (const what of injections) {
      const other = injected(series, bin, what, followedBins);
      const size = changeSize(other, series, bin);
      if (Number.isNaN(size) || size < Math.log(1.5)) continue;
      found[what].all++;
      let branch = state;
      for (let after = 1; after <= followedBins; after++) {
        const next = advance(branch, left, other, bin + after, none);
        branch = next.state;
        if (next.found.length === 0) continue;
        found[what].within60++;
        if (after <= 30) found[what].within30++;
        break;
      }
    }
  }
  return { variant, weeks: (series.counts.length / day - levelWarmUpDays) / 7, alarms, found };
}
