/** The chosen candidate → the category's incumbent; the others are marked as rejected. */
import type { TrainingDependencies } from './dependencies';

export interface PromoteModelInput {
  readonly category: string;
  readonly modelId: string;
  readonly rejected: readonly string[];
}

/** Idempotent. */
export function promoteModel({ models }: Pick<TrainingDependencies, 'models'>) {
  return async ({ category, modelId, rejected }: PromoteModelInput): Promise<void> => {
    await models.promote(category, modelId);
    for (const id of rejected) await models.reject(id);
  };
}
