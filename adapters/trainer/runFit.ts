/** A job → the serialized model and its cost on the folds. Runs inside a worker thread. */
import { seriesEndMs } from '../../core/demand/series';
import { nullIfInvalidData } from '../../core/errors';
import type { BlockCost } from '../../core/evaluation/costs/planCost';
import { judgeConfiguration, optionsOf, trainingPart } from '../../core/evaluation/selection/judge';
import { replayThrough, succeeding } from '../../core/forecasting/calibration/successor';
import type { FittedModel, Json, ModelFamily } from '../../core/forecasting/model';
import type { FitJob, FitOutcome, JudgeJob } from '../../ports/trainer';
import { fittingFamily } from './fittingFamilies';

export async function runFit(job: FitJob): Promise<FitOutcome> {
  const { configuration, history, events, options, judging, previous } = job;
  const family = fittingFamily(configuration.family);
  const context = { events };
  // First what may fail for lack of data, before time is spent on the evaluation.
  const began = performance.now();
  const model = await family.fit(
    trainingPart(history, configuration, seriesEndMs(history)),
    context,
    optionsOf(options, configuration),
  );
  const fitMs = performance.now() - began;
  const served = previous === null ? null : loadedOrNull(family, previous.state);
  if (previous !== null && served !== null) {
    const service = { fromMs: previous.trainedToMs, toMs: seriesEndMs(history) };
    replayThrough(served, history, context, options, service);
    succeeding(model, served);
  }
  const blocks =
    judging === null
      ? null
      : await judgeConfiguration({
          family,
          configuration,
          history,
          context,
          options,
          judging,
          refits: refitsWithin(job.refitWithinMs),
        });
  return { state: model.serialize(), blocks, fitMs };
}

export async function runJudge(job: JudgeJob): Promise<readonly BlockCost[] | null> {
  const { configuration, history, events, options, judging, serving } = job;
  const family = fittingFamily(configuration.family);
  return judgeConfiguration({
    family,
    configuration,
    history,
    context: { events },
    options,
    judging,
    refits: refitsWithin(job.refitWithinMs),
    serving: { model: family.load(serving.state), trainedToMs: serving.trainedToMs },
  });
}

/** Null for a state of another version: the new model then starts with the residuals that its own fit held out. */
function loadedOrNull(family: ModelFamily, state: Json): FittedModel | null {
  try {
    return family.load(state);
  } catch (error) {
    return nullIfInvalidData(error);
  }
}

function refitsWithin(limitMs: number): () => boolean {
  const began = performance.now();
  return () => performance.now() - began < limitMs;
}
