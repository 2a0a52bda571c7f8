/** The name of a known feed → its definition. Throws PamError NOT_FOUND. */
import { PamError } from '../../core/errors';
import type { FeedDefinition } from '../../core/events/feed';
import type { FeedDependencies } from '../frame/dependencies';

export function loadFeed({ feeds }: Pick<FeedDependencies, 'feeds'>) {
  return async (name: string): Promise<FeedDefinition> => {
    const found = await feeds.get(name);
    if (found === null)
      throw new PamError(
        'NOT_FOUND',
        `feed "${name}" is not known: give its whole definition the first time`,
      );
    return found.definition;
  };
}
