/** What served and what was tried, on the same folds → which serves from now on, why, and what could be tried next. */
import { binsPerDay } from '../../core/demand/clock';
import { familyConfigurations, widerConfigurations } from '../../core/evaluation/selection/searchSpace';
import {
  type Contender,
  chooseContender,
  type ServingContender,
} from '../../core/evaluation/selection/selection';
import { modelFamilies } from '../../core/forecasting/families/families';
import type { CandidateSummary, ChooseModelInput, ModelChoice } from '../../workflows/contracts';
import type { TrainingDependencies } from '../frame/dependencies';
import { fittedLeadBins } from '../models/incumbents';
import { trainingHistory } from './trainingHistory';

/** The model in use is fitted anew once it has missed a day, or this share of what it was fitted on. */
const refreshShare = 0.25;

export function chooseModel(deps: Omit<TrainingDependencies, 'trainer' | 'accuracy'>) {
  return async ({ category, toMs, incumbent, candidates }: ChooseModelInput): Promise<ModelChoice> => {
    const { settings, history, leadBins } = await trainingHistory(deps, category, toMs);
    const { binMs } = history.clock;
    const stored = incumbent?.modelId == null ? null : await deps.models.load(incumbent.modelId);
    const trainedBins = stored === null ? 0 : (stored.trainedToMs - stored.trainedFromMs) / binMs;
    const serving: ServingContender | null =
      incumbent === null || stored === null
        ? null
        : {
            ...contenderOf(incumbent, stored.id),
            unseenBins: Math.round((toMs - stored.trainedToMs) / binMs),
          };
    const judged = candidates.flatMap((candidate) =>
      candidate.modelId === null ? [] : [contenderOf(candidate, candidate.modelId)],
    );
    const fitted = stored === null ? null : fittedLeadBins(stored.parameters);
    const anotherLead = fitted !== null && fitted !== leadBins;
    const choice = chooseContender(judged, serving, {
      risk: settings.risk,
      // Fitted for another lead, it is fitted anew however fresh it is.
      refreshBins: anotherLead
        ? 0
        : Math.max(1, Math.min(binsPerDay(history.clock), Math.round(trainedBins * refreshShare))),
    });
    const ranked = [...candidates]
      .filter(({ waste }) => waste !== null)
      .sort((a, b) => (a.waste ?? 0) - (b.waste ?? 0))
      .map(({ configuration }) => configuration);
    const historyDays = history.counts.length / binsPerDay(history.clock);
    const wider = widerConfigurations(ranked, historyDays);
    const reason = anotherLead
      ? `${choice.reason}; the lead is ${leadBins} bins, the model in use was fitted for ${fitted}`
      : choice.reason;
    const costly = costlyFamilies(candidates, incumbent?.family ?? null);
    return { ...choice, reason, wider: [...wider, ...familyConfigurations(costly)] };
  };
}

/**
 * The costly families if all cheap ones were tried, and one on request only if it serves, so that it is fitted anew. None if
 * only some families were asked for.
 */
function costlyFamilies(candidates: readonly CandidateSummary[], serving: string | null): string[] {
  const tried = new Set(candidates.map(({ configuration }) => configuration.family));
  const untried = modelFamilies.filter(({ name }) => !tried.has(name));
  return untried.every(({ expense }) => expense !== undefined)
    ? untried.filter(({ name, expense }) => expense === 'costly' || name === serving).map(({ name }) => name)
    : [];
}

function contenderOf({ configuration, blocks }: CandidateSummary, modelId: string): Contender {
  return { modelId, configuration, blocks };
}
