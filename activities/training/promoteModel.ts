/** The choice → the category's incumbent; the others are marked as rejected, all with the reason. */
import type { PromoteModelInput } from '../../workflows/contracts';
import type { TrainingDependencies } from '../frame/dependencies';

/** Idempotent. */
export function promoteModel({ models }: Pick<TrainingDependencies, 'models'>) {
  return async ({ category, modelId, reason, rejected }: PromoteModelInput): Promise<void> => {
    if (modelId !== null) await models.promote(category, modelId, reason);
    for (const id of rejected) await models.reject(id, reason);
  };
}
