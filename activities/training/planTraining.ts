/**
 * A category and the families asked for → those that its history can carry. Before, what is in service is set right: a
 * model that failed goes back, the scale-down hold is chosen anew.
 */
import { binStart } from '../../core/demand/clock';
import { measuredBins, seriesEndMs } from '../../core/demand/series';
import { PamError } from '../../core/errors';
import { familyConfigurations } from '../../core/evaluation/selection/searchSpace';
import { modelFamilies } from '../../core/forecasting/families/families';
import type { TrainingPlan } from '../../workflows/contracts';
import type { TrainingDependencies } from '../frame/dependencies';
import { reviewModel } from '../models/reviewModel';
import { reviewHold } from './reviewHold';
import { trainingHistory } from './trainingHistory';

export interface PlanTrainingInput {
  readonly category: string;
  /** Absent: the cheap ones. A wide search adds the costly ones; those on request are tried only if named. */
  readonly families?: readonly string[];
}

/** Throws PamError INVALID_INPUT for a family that does not exist. */
export function planTraining(deps: Omit<TrainingDependencies, 'trainer'>) {
  return async ({ category, families }: PlanTrainingInput): Promise<TrainingPlan> => {
    const known = modelFamilies.map((family) => family.name);
    const unknown = families?.filter((name) => !known.includes(name)) ?? [];
    if (unknown.length > 0)
      throw new PamError(
        'INVALID_INPUT',
        `families: "${unknown.join('", "')}" unknown; expected some of ${known.join(', ')}`,
      );
    const { settings, history, leadBins } = await trainingHistory(deps, category, null);
    const measured = measuredBins(history);
    const wanted = modelFamilies.filter(
      (family) => families?.includes(family.name) ?? family.expense === undefined,
    );
    const carried = wanted.filter((family) => measured >= family.minimumBins(history));
    const rolledBack = await rollBackWhenDue(deps, category);
    await reviewHold(deps, settings, history, leadBins, deps.now());
    const incumbent = await deps.models.incumbent(category);
    return {
      toMs: binStart(history.clock, seriesEndMs(history)),
      configurations: familyConfigurations(carried.map((family) => family.name)),
      measuredBins: measured,
      leftOut: wanted
        .filter((family) => !carried.includes(family))
        .map((family) => ({
          family: family.name,
          reason: `needs ${family.minimumBins(history)} measured bins, there are ${measured}`,
        })),
      incumbent: incumbent === null ? null : { modelId: incumbent.id, family: incumbent.family },
      rolledBack,
    };
  };
}

/** In words what was done; null when the incumbent does well or there is none. */
async function rollBackWhenDue(
  deps: Pick<TrainingDependencies, 'models' | 'accuracy'>,
  category: string,
): Promise<string | null> {
  const id = await deps.models.incumbentId(category);
  const review = id === null ? null : await reviewModel(deps, category, id);
  if (review === null) return null;
  await deps.models.rollBack(category, review.failedId, review.toId, review.reason);
  return `${review.failedId} was taken out of use for ${review.toId ?? 'the last value'}: ${review.reason}`;
}
