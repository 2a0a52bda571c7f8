/** A category and the families asked for → those that its history can carry. */
import { measuredBins } from '../core/demand/series';
import { PamError } from '../core/errors';
import { modelFamilies } from '../core/forecasting/families';
import type { TrainingPlan } from '../workflows/contracts';
import type { TrainingDependencies } from './dependencies';
import { trainingHistory } from './trainingHistory';

export interface PlanTrainingInput {
  readonly category: string;
  /** Absent: all but the dear ones. */
  readonly families?: readonly string[];
}

/** Throws PamError INVALID_INPUT for a family that does not exist. */
export function planTraining(deps: Pick<TrainingDependencies, 'categories' | 'demand' | 'events' | 'now'>) {
  return async ({ category, families }: PlanTrainingInput): Promise<TrainingPlan> => {
    const known = modelFamilies.map((family) => family.name);
    const unknown = families?.filter((name) => !known.includes(name)) ?? [];
    if (unknown.length > 0)
      throw new PamError(
        'INVALID_INPUT',
        `families: "${unknown.join('", "')}" unknown; expected some of ${known.join(', ')}`,
      );
    const { history } = await trainingHistory(deps, category);
    const measured = measuredBins(history);
    const wanted = modelFamilies.filter(
      (family) => families?.includes(family.name) ?? family.expense !== 'dear',
    );
    const carried = wanted.filter((family) => measured >= family.minimumBins(history));
    return {
      families: carried.map((family) => family.name),
      measuredBins: measured,
      leftOut: wanted
        .filter((family) => !carried.includes(family))
        .map((family) => ({
          family: family.name,
          reason: `needs ${family.minimumBins(history)} measured bins, there are ${measured}`,
        })),
    };
  };
}
