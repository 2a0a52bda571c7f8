/**
 * A part of a trace and a seed → what happens in service, bin by bin: forecasts of the model in use (boosted, refitted daily),
 * of the one before it and of the last value, with their scores; and from some moments on what would happen if demand
 * changed, or if a model took over that was fitted on a wrong history. Plain data; what is left out is decided later.
 */
import { binsPerDay } from '../../../core/demand/clock';
import type { DemandSeries } from '../../../core/demand/series';
import { firstDriftState } from '../../../core/evaluation/drift/drift';
import { firstFitDays } from '../../drift/parts';
import { advanceTests, fitAt, inServiceWith } from '../../drift/runForecasts';
import { followChange, followFailure } from './follow';
import { type Change, changes, type Failure, failures, misfitted } from './scenarios';
import { decision, isDaily, refitted, type ServedBin, type Serving } from './serving';

export interface Branch {
  /** First bin that is different. */
  readonly fromBin: number;
  readonly what: Change | Failure;
  /** From `fromBin` on. */
  readonly served: readonly ServedBin[];
  /** Peaks if the model is also fitted anew when a test for drift alarms; null for a failure. */
  readonly refitted: readonly (readonly number[])[] | null;
  /** Bins after `fromBin` at which it was. */
  readonly refits: readonly number[];
}

export interface Service {
  readonly firstBin: number;
  /** From `firstBin` on. */
  readonly served: readonly ServedBin[];
  readonly branches: readonly Branch[];
  /** Processor time of the fits, mean. */
  readonly fitSeconds: number;
}

export interface ServiceOptions {
  readonly series: DemandSeries;
  /** Another trace with the same bins, whose model takes over by mistake. */
  readonly foreign: DemandSeries;
  readonly seed: number;
  /** Moments from which changes and failures are followed. */
  readonly moments: number;
  readonly followedBins: number;
}

/** Days of scores that the tests of error and calibration want to have seen. */
const recordedDays = 7;

/** At different times of day; the first as soon as every test has learned what is usual. */
export function momentsOf({ series, moments, followedBins }: ServiceOptions): number[] {
  const day = binsPerDay(series.clock);
  const first = Math.round((firstFitDays + recordedDays + 0.2) * day);
  const step = Math.floor((series.counts.length - followedBins - 6 - first) / Math.max(1, moments - 1));
  return Array.from(
    { length: moments },
    (_, index) => first + index * Math.min(step, Math.round(1.57 * day)),
  );
}

export async function serviceOf(options: ServiceOptions): Promise<Service> {
  const { series, seed, followedBins } = options;
  const firstBin = firstFitDays * binsPerDay(series.clock);
  const moments = new Set(momentsOf(options));
  const lastBin = Math.max(...moments) + followedBins;
  const served: ServedBin[] = [];
  const branches: Branch[] = [];
  const began = process.cpuUsage();
  let serving: Serving = {
    at: inServiceWith(await fitAt(series, firstBin, null, 'fit-0', seed)),
    before: null,
  };
  const { user, system } = process.cpuUsage(began);
  let tests = advanceTests(
    firstDriftState(series.clock, series.startMs, 'fit-0'),
    series,
    0,
    firstBin,
    [],
    'fit-0',
  ).state;
  const foreign = await misfitted('another category', options, 0);
  for (let bin = firstBin; bin <= lastBin; bin++) {
    if (moments.has(bin)) {
      for (const what of changes)
        branches.push(await followChange(options, bin, what, serving, tests, firstBin));
      for (const what of failures)
        branches.push(
          await followFailure(
            options,
            bin,
            what,
            what === 'another category' ? foreign : await misfitted(what, options, bin),
            serving.at,
          ),
        );
    }
    if (isDaily(series, bin, firstBin)) serving = await refitted(series, bin, serving, seed);
    const step = await decision(series, bin, serving);
    serving = step.serving;
    served.push(step.bin);
    tests = advanceTests(tests, series, bin - 1, bin, step.bin.scores, serving.at.incumbent.id).state;
  }
  return { firstBin, served, branches, fitSeconds: (user + system) / 1e6 };
}
