/** A category's incumbent and the scores of its forecasts → whether what served before it should come back. */
import { type Rollback, rollbackOf, type ServiceRecord } from '../../core/evaluation/accuracy/rollback';
import type { AccuracyStore } from '../../ports/stores/forecasts/accuracyStore';
import type { ModelStore } from '../../ports/stores/forecasts/modelStore';

export interface ReviewDependencies {
  readonly models: Pick<ModelStore, 'list'>;
  readonly accuracy: Pick<AccuracyStore, 'ofModel'>;
}

export interface Review extends Rollback {
  readonly failedId: string;
  /** null: nothing to go back to but the last value. */
  readonly toId: string | null;
}

/** null: it does well enough, or too few of its forecasts have come true to tell. Only reads. */
export async function reviewModel(
  { models, accuracy }: ReviewDependencies,
  category: string,
  incumbentId: string,
): Promise<Review | null> {
  const promoted = await recordOf(accuracy, category, incumbentId);
  if (promoted === null) return null;
  const [previous] = (await models.list(category))
    .filter(({ status }) => status === 'retired')
    .sort((a, b) => b.statusMs - a.statusMs);
  const before = previous === undefined ? null : await recordOf(accuracy, category, previous.id);
  const rollback = rollbackOf(promoted, before);
  return rollback === null
    ? null
    : {
        ...rollback,
        failedId: incumbentId,
        toId: rollback.to === 'previous' ? (previous?.id ?? null) : null,
      };
}

/** Its forecasts of the lead-window peak, the ones that nodes were ordered by. */
async function recordOf(
  accuracy: ReviewDependencies['accuracy'],
  category: string,
  modelId: string,
): Promise<ServiceRecord | null> {
  const peak = (await accuracy.ofModel(category, modelId)).find(({ horizonBins }) => horizonBins === 0);
  return peak === undefined
    ? null
    : { decisions: peak.scores, loss: peak.loss, lastValueLoss: peak.baselineLoss };
}
