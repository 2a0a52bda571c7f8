/** A fit job → the serialized model and its figures on the held-out part. Runs inside a worker thread. */
import { sliceSeries } from '../../core/demand/series';
import { PamError } from '../../core/errors';
import type { ModelFamily } from '../../core/forecasting/model';
import { type HoldoutFigures, holdoutFigures } from '../../core/forecasting/scoring';
import type { FitJob, FitOutcome } from '../../ports/trainer';
import { fittingFamily } from './fittingFamilies';

export async function runFit(job: FitJob): Promise<FitOutcome> {
  const family = fittingFamily(job.family);
  const judged = await judge(family, job);
  const began = performance.now();
  const model = await family.fit(job.history, { events: job.events }, job.options);
  const fitMs = performance.now() - began;
  return { state: model.serialize(), figures: judged === null ? null : { ...judged, fitMs } };
}

/** Fits on all but the held-out bins and scores on those; null where what is left can't carry the family. */
async function judge(family: ModelFamily, job: FitJob): Promise<HoldoutFigures | null> {
  const { history, events, options, holdoutBins, risk } = job;
  if (holdoutBins === 0) return null;
  const context = { events };
  const cutMs = history.startMs + (history.counts.length - holdoutBins) * history.clock.binMs;
  try {
    const model = await family.fit(sliceSeries(history, history.startMs, cutMs), context, options);
    return holdoutFigures({ model, history, holdoutBins, context, options, risk });
  } catch (error) {
    if (error instanceof PamError && error.code === 'INVALID_DATA') return null;
    throw error;
  }
}
