/** A category's settings, as the workflow has them → the registry that the collector and the command line read. */
import type { CategorySettings } from '../../core/category/settings';
import { PamError } from '../../core/errors';
import type { AllocationDependencies } from '../frame/dependencies';

/** Throws PamError INVALID_INPUT with the fields that the category's node provider does not take. */
export function registerCategory({
  categories,
  checkProviderSettings,
}: Pick<AllocationDependencies, 'categories' | 'checkProviderSettings'>) {
  return async (settings: CategorySettings): Promise<void> => {
    const complaints = checkProviderSettings(settings);
    if (complaints.length > 0) throw new PamError('INVALID_INPUT', `input: ${complaints.join('; ')}`);
    await categories.put(settings);
  };
}
