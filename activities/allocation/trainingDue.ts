/** Whether a category should be trained now, and why, in words. */
import { countOfBins } from '../../core/capacity/leadTime';
import type { CategorySettings } from '../../core/category/settings';
import { fewestBinsToTrain } from '../../core/forecasting/trainingWindow';
import type { DemandStore } from '../../ports/stores/demandStore';
import type { PredictSummary } from '../../workflows/contracts';
import type { Incumbent } from '../models/incumbents';
import { type ReviewDependencies, reviewModel } from '../models/reviewModel';

/** Every so many bins the model's service is reviewed. */
const reviewBins = 30;

type TrainingDue = Pick<PredictSummary, 'trainingDue' | 'trainingUrgent'>;

/**
 * Looks at the history's span only while there is no model. A model that fails in service is urgent, and one that was
 * fitted for a shorter lead, since it is helped out by the last value until then.
 * @param leadBins the lead in use.
 */
export async function trainingDue(
  deps: ReviewDependencies & { readonly demand: Pick<DemandStore, 'span'> },
  settings: CategorySettings,
  incumbent: Incumbent | null,
  leadBins: number,
  originMs: number,
): Promise<TrainingDue> {
  if (incumbent !== null) {
    const review =
      Math.round(originMs / settings.binMs) % reviewBins === 0
        ? await reviewModel(deps, settings.name, incumbent.id)
        : null;
    if (review !== null)
      return { trainingDue: `the model fails in service: ${review.reason}`, trainingUrgent: true };
    const fitted = incumbent.leadBins ?? leadBins;
    if (fitted !== leadBins)
      return {
        trainingDue: `the lead in use is ${countOfBins(leadBins)}, the model was fitted for ${fitted}`,
        trainingUrgent: fitted < leadBins,
      };
    const ageMs = originMs - incumbent.trainedToMs;
    return {
      trainingDue:
        ageMs >= settings.dayMs
          ? `the model has not seen the last ${Math.round(ageMs / settings.binMs)} bins, more than a day of ${settings.dayMs / settings.binMs}`
          : null,
    };
  }
  const span = await deps.demand.span(settings.name);
  const bins = span === null ? 0 : Math.round((span.lastMs - span.firstMs) / settings.binMs) + 1;
  return {
    trainingDue: bins >= fewestBinsToTrain ? `no model yet and ${bins} bins of history` : null,
  };
}
