/** The model that serves, or that there is none → whether a category should be trained now, and why, in words. */
import { countOfBins } from '../../core/capacity/leadTime';
import type { CategorySettings } from '../../core/category/settings';
import { binStart } from '../../core/demand/clock';
import { fewestBinsToTrain } from '../../core/forecasting/trainingWindow';
import type { DemandStore } from '../../ports/stores/demand/demandStore';
import type { IncumbentSummary, TrainingDue } from '../../workflows/contracts';
import { type ReviewDependencies, reviewModel } from '../models/reviewModel';

/** Bins between two reviews of the model's service. */
const reviewBins = 30;

/**
 * Looks at the history's span only while there is no model. A model that fails in service is urgent, and one that was
 * fitted for a shorter lead, since it is helped out by the last value until then.
 * @param leadBins the lead in use.
 */
export async function trainingDue(
  deps: ReviewDependencies & { readonly demand: Pick<DemandStore, 'span'> },
  settings: CategorySettings,
  incumbent: IncumbentSummary | null,
  leadBins: number,
  nowMs: number,
): Promise<TrainingDue | null> {
  const { name, binMs, dayMs } = settings;
  if (incumbent === null) {
    const span = await deps.demand.span(name);
    const bins = span === null ? 0 : Math.round((span.lastMs - span.firstMs) / binMs) + 1;
    return bins >= fewestBinsToTrain ? inTime(`no model yet and ${bins} bins of history`) : null;
  }
  const originMs = binStart(settings, nowMs);
  const review =
    Math.round(originMs / binMs) % reviewBins === 0 ? await reviewModel(deps, name, incumbent.id) : null;
  if (review !== null) return { reason: `the model fails in service: ${review.reason}`, urgent: true };
  const fitted = incumbent.leadBins ?? leadBins;
  if (fitted !== leadBins)
    return {
      reason: `the lead in use is ${countOfBins(leadBins)}, the model was fitted for ${fitted}`,
      urgent: fitted < leadBins,
    };
  const ageMs = originMs - incumbent.trainedToMs;
  return ageMs >= dayMs
    ? inTime(
        `the model has not seen the last ${Math.round(ageMs / binMs)} bins, more than a day of ${dayMs / binMs}`,
      )
    : null;
}

const inTime = (reason: string): TrainingDue => ({ reason, urgent: false });
