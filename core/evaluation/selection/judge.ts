/** One configuration, or a model that serves, on the folds of a history → what its plans would have cost. */
import { orderRisk } from '../../capacity/plan';
import { type DemandSeries, sliceSeries } from '../../demand/series';
import { nullIfInvalidData } from '../../errors';
import { replayThrough, succeeding } from '../../forecasting/calibration/successor';
import type { FitOptions, FittedModel, ForecastContext, ModelFamily } from '../../forecasting/model';
import type { Fold } from '../costs/folds';
import { type BlockCost, planCosts } from '../costs/planCost';
import { rollThroughFolds } from '../costs/rollingOrigin';
import type { Configuration } from './selection';

/** How models are judged; the same for all that are compared. */
export interface Judging {
  readonly folds: readonly Fold[];
  /** Descending, see `sweptRisks`. */
  readonly risks: readonly number[];
  /** Bins that fewer nodes must have been required for before nodes are given up. */
  readonly holdBins: number;
}

export interface JudgeInput {
  readonly family: ModelFamily;
  readonly configuration: Configuration;
  readonly history: DemandSeries;
  readonly context: ForecastContext;
  readonly options: FitOptions;
  readonly judging: Judging;
  /** Asked before each fold but the first; false: the last fitted model goes on, as it would with rarer refits. */
  readonly refits?: () => boolean;
  /** A model of this configuration that serves, as it was stored, and the end of what it was fitted on, ms. */
  readonly serving?: { readonly model: FittedModel; readonly trainedToMs: number };
}

/** Blocks that each fold is cut into; their differences tell how sure a comparison is. */
const blocksPerFold = 4;
/** Most bins, in days, that a serving model is replayed through before its first fold. */
const catchUpDays = 1;

/**
 * Every fold is decided by a model fitted on what was before it. A serving model decides the folds that began after it
 * was fitted as it is; the earlier ones are decided by its configuration, fitted for them, since the model itself has
 * seen them. Null where a fold's past can't carry the family, or without folds.
 */
export async function judgeConfiguration(input: JudgeInput): Promise<BlockCost[] | null> {
  const { history, context, options, judging } = input;
  const { folds, risks, holdBins } = judging;
  const first = folds[0];
  const last = folds.at(-1);
  if (first === undefined || last === undefined) return null;
  const modelBefore = servingOrFitted(input);
  try {
    const asked = [...new Set(risks.flatMap((risk) => [risk, orderRisk(risk)]))].sort((a, b) => b - a);
    const rolled = await rollThroughFolds({ history, folds, context, options, risks: asked }, modelBefore);
    return planCosts({
      counts: history.counts.subarray(first.fromBin, last.toBin),
      peaks: risks.map((risk) => rolled[asked.indexOf(risk)]!),
      orderPeaks: risks.map((risk) => rolled[asked.indexOf(orderRisk(risk))]!),
      leadBins: options.leadBins,
      holdBins,
      blocks: folds.length * blocksPerFold,
    });
  } catch (error) {
    return nullIfInvalidData(error);
  }
}

/** The part of `history` that a configuration is fitted on when it ends at `endMs`. */
export function trainingPart(history: DemandSeries, { days }: Configuration, endMs: number): DemandSeries {
  return sliceSeries(history, endMs - days * history.clock.dayMs, endMs);
}

export function optionsOf(options: FitOptions, { parameters }: Configuration): FitOptions {
  return { ...options, parameters };
}

function servingOrFitted(input: JudgeInput): (fold: Fold) => Promise<FittedModel> {
  const { family, configuration, history, context, options, serving, refits } = input;
  const { binMs, dayMs } = history.clock;
  let fitted: FittedModel | null = null;
  let caughtUp = false;
  return async ({ fromBin }) => {
    const foldMs = history.startMs + fromBin * binMs;
    if (serving === undefined || serving.trainedToMs > foldMs) {
      if (fitted !== null && refits?.() === false) return fitted;
      const anew = await family.fit(
        trainingPart(history, configuration, foldMs),
        context,
        optionsOf(options, configuration),
      );
      fitted = succeeding(anew, fitted);
      return fitted;
    }
    const { model, trainedToMs } = serving;
    if (!caughtUp)
      replayThrough(model, history, context, options, {
        fromMs: Math.max(trainedToMs, foldMs - catchUpDays * dayMs),
        toMs: foldMs,
      });
    caughtUp = true;
    return model;
  };
}
