/** The model that serves, on the folds that the candidates are judged on. */
import { PamError } from '../../core/errors';
import type { Configuration } from '../../core/evaluation/selection/selection';
import { causeInWords } from '../../core/failures/causeInWords';
import type { Json } from '../../core/forecasting/model';
import { trainingDays } from '../../core/forecasting/trainingWindow';
import { fitOptionsOf } from '../../core/serving/query';
import type { CandidateSummary, JudgeIncumbentInput } from '../../workflows/contracts';
import { withHeartbeat } from '../frame/coded';
import type { TrainingDependencies } from '../frame/dependencies';
import { candidateBudgetMs, judgedFigures, judgingOf, refitShare } from './judging';
import { trainingHistory } from './trainingHistory';

const heartbeatMs = 2_000;

/** An incumbent that can't be judged any more, since its state is of another version, is reported with the reason and can be
 * replaced. */
export function judgeIncumbent(deps: TrainingDependencies, budgetMs = candidateBudgetMs) {
  return async ({ category, modelId, toMs }: JudgeIncumbentInput): Promise<CandidateSummary> => {
    const stored = await deps.models.load(modelId);
    if (stored === null)
      throw new PamError('NOT_FOUND', `category "${category}" has no model "${modelId}" to judge`);
    const { settings, history, events, leadBins, holdMs } = await trainingHistory(deps, category, toMs);
    const configuration = configurationOf(stored.family, stored.parameters);
    const summary = { family: stored.family, configuration, modelId, fitMs: null };
    const budget = AbortSignal.timeout(budgetMs);
    try {
      const blocks = await withHeartbeat(heartbeatMs, ({ signal }) =>
        deps.trainer.judge(
          {
            configuration,
            history,
            events,
            options: fitOptionsOf(settings, leadBins),
            judging: judgingOf(settings, history, holdMs),
            refitWithinMs: budgetMs * refitShare,
            serving: { state: stored.state, trainedToMs: stored.trainedToMs },
          },
          AbortSignal.any([signal, budget]),
        ),
      );
      return { ...summary, ...judgedFigures(blocks, settings.risk), failure: null };
    } catch (error) {
      const known = error instanceof PamError && ['INVALID_DATA', 'INVALID_INPUT'].includes(error.code);
      if (!known && !(budget.aborted && error === budget.reason)) throw error;
      const failure = causeInWords(error);
      return { ...summary, ...judgedFigures(null, settings.risk), failure };
    }
  };
}

/** The configuration in a model's stored parameters; what they do not name is as the family has it. */
export function configurationOf(family: string, parameters: Json): Configuration {
  const stored =
    parameters !== null && typeof parameters === 'object' && !Array.isArray(parameters) ? parameters : {};
  const own = stored.parameters;
  return {
    family,
    days: typeof stored.days === 'number' ? stored.days : trainingDays,
    parameters:
      own !== null && typeof own === 'object' && !Array.isArray(own)
        ? Object.fromEntries(Object.entries(own).map(([name, value]) => [name, Number(value)]))
        : {},
  };
}
