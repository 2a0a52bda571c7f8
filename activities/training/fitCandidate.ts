/** One configuration judged on a category's latest days, fitted on all of its history, saved as a candidate. */
import { seriesEndMs } from '../../core/demand/series';
import { PamError } from '../../core/errors';
import { trainingPart } from '../../core/evaluation/selection/judge';
import { type Configuration, sameConfiguration } from '../../core/evaluation/selection/selection';
import type { Json } from '../../core/forecasting/model';
import { fitOptionsOf } from '../../core/serving/query';
import type { ServingModel } from '../../ports/trainer';
import { type CandidateSummary, type FitCandidateInput, lostCandidate } from '../../workflows/contracts';
import { withHeartbeat } from '../frame/coded';
import type { TrainingDependencies } from '../frame/dependencies';
import { configurationOf } from './judgeIncumbent';
import { candidateBudgetMs, judgedFigures, judgingOf, refitShare } from './judging';
import { trainingHistory } from './trainingHistory';

const heartbeatMs = 2_000;

/** What the history can't carry, or not within the time budget, is a result with its reason, not a failure. */
export function fitCandidate(deps: TrainingDependencies, budgetMs = candidateBudgetMs) {
  return async ({ category, configuration, modelId, toMs }: FitCandidateInput): Promise<CandidateSummary> => {
    const { settings, history, events, leadBins, holdMs } = await trainingHistory(deps, category, toMs);
    const options = fitOptionsOf(settings, leadBins);
    const previous = await servingOf(deps, category, configuration);
    const budget = AbortSignal.timeout(budgetMs);
    try {
      const { state, blocks, fitMs } = await withHeartbeat(heartbeatMs, ({ signal }) =>
        deps.trainer.fit(
          {
            configuration,
            history,
            events,
            options,
            previous,
            judging: judgingOf(settings, history, holdMs),
            refitWithinMs: budgetMs * refitShare,
          },
          AbortSignal.any([signal, budget]),
        ),
      );
      const figures = judgedFigures(blocks, settings.risk);
      const part = trainingPart(history, configuration, seriesEndMs(history));
      await deps.models.save({
        id: modelId,
        category,
        family: configuration.family,
        parameters: {
          ...options,
          horizonBins: [...options.horizonBins],
          days: configuration.days,
          parameters: { ...configuration.parameters },
        },
        trainedFromMs: part.startMs,
        trainedToMs: seriesEndMs(part),
        figures: { ...figures, blocks: figures.blocks as Json, fitMs },
        state,
      });
      return { family: configuration.family, configuration, modelId, ...figures, fitMs, failure: null };
    } catch (error) {
      if (budget.aborted && error === budget.reason)
        return lostCandidate(configuration, `took longer than its budget of ${budgetMs / 1_000} s`);
      if (!(error instanceof PamError) || error.code !== 'INVALID_DATA') throw error;
      return lostCandidate(configuration, error.message);
    }
  };
}

/** The model in use where a candidate is of its configuration: the candidate goes on with its calibration. */
async function servingOf(
  { models }: Pick<TrainingDependencies, 'models'>,
  category: string,
  configuration: Configuration,
): Promise<ServingModel | null> {
  const stored = await models.incumbent(category);
  if (stored === null) return null;
  const { family, parameters, state, trainedToMs } = stored;
  return sameConfiguration(configurationOf(family, parameters), configuration)
    ? { state, trainedToMs }
    : null;
}
