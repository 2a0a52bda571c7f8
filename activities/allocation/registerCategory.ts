/** A category's settings, as the workflow has them → the registry that the collector and the command line read. */
import type { CategorySettings } from '../../core/category/settings';
import type { AllocationDependencies } from '../frame/dependencies';

export function registerCategory({ categories }: Pick<AllocationDependencies, 'categories'>) {
  return async (settings: CategorySettings): Promise<void> => categories.put(settings);
}
