/** A moment in service → what follows if demand changes, or if a model takes over that was fitted on a wrong history. */
import type { DriftState } from '../../../core/evaluation/drift/drift';
import type { FittedModel } from '../../../core/forecasting/model';
import {
  advanceTests,
  type InService,
  inServiceWith,
  queryFor,
  stepInService,
} from '../../drift/runForecasts';
import { type Change, changed, type Failure } from './scenarios';
import type { Branch, ServiceOptions } from './service';
import { branched, decision, isDaily, peakOf, refitted, type ServedBin, type Serving } from './serving';

/** The model that took over by mistake. */
const failingId = 'failing';

/** Demand changes: refitted daily as before, and beside it also at every alarm. */
export async function followChange(
  { series, seed, followedBins }: ServiceOptions,
  fromBin: number,
  what: Change,
  inService: Serving,
  tests: DriftState,
  firstBin: number,
): Promise<Branch> {
  const other = changed(series, fromBin, what, followedBins + 6);
  const endBin = fromBin + followedBins;
  const served: ServedBin[] = [];
  let serving = branched(inService);
  let state = tests;
  // Until the first alarm both are the same.
  let alarmed: { serving: Serving; state: DriftState } | null = null;
  let alarmBin = endBin;
  for (let bin = fromBin; bin < endBin; bin++) {
    if (isDaily(series, bin, firstBin)) serving = await refitted(other, bin, serving, seed);
    const step = await decision(other, bin, serving);
    serving = step.serving;
    served.push(step.bin);
    if (alarmed !== null) continue;
    const advanced = advanceTests(state, other, bin - 1, bin, step.bin.scores, serving.at.incumbent.id);
    state = advanced.state;
    if (advanced.found.length === 0) continue;
    alarmed = { serving: branched(serving), state };
    alarmBin = bin + 1;
  }
  const refits: number[] = [];
  const peaks = served.slice(0, alarmBin - fromBin).map(({ peak }) => peak);
  if (alarmed === null) return { fromBin, what, served, refitted: peaks, refits };
  ({ serving, state } = alarmed);
  let due = true;
  for (let bin = alarmBin; bin < endBin; bin++) {
    if (due) refits.push(bin - fromBin);
    if (due || isDaily(series, bin, firstBin)) serving = await refitted(other, bin, serving, seed);
    const step = await stepInService(serving.at, other, bin);
    serving = { ...serving, at: step.at };
    peaks.push(peakOf(step.at, bin));
    const advanced = advanceTests(state, other, bin - 1, bin, step.scores, serving.at.incumbent.id);
    state = advanced.state;
    due = advanced.found.length > 0;
  }
  return { fromBin, what, served, refitted: peaks, refits };
}

export async function followFailure(
  { series, followedBins }: ServiceOptions,
  fromBin: number,
  what: Failure,
  model: FittedModel,
  before: InService,
): Promise<Branch> {
  const served: ServedBin[] = [];
  const originMs = series.startMs + fromBin * series.clock.binMs;
  const failing = inServiceWith({
    ...{ id: failingId, family: model.family, model, leadBins: queryFor(series).leadBins },
    ...{ trainedToMs: originMs, trainedBins: 0, caughtUpToMs: originMs - series.clock.binMs },
  });
  let serving = branched({ at: failing, before: before.incumbent });
  for (let bin = fromBin; bin < fromBin + followedBins; bin++) {
    const step = await decision(series, bin, serving);
    serving = step.serving;
    served.push(step.bin);
  }
  return { fromBin, what, served, refitted: null, refits: [] };
}
