/** A feed's definition → its content in the store, if there is a new one that can be read. */
import { Context } from '@temporalio/activity';
import type { FeedDefinition } from '../../core/events/feed';
import { redactText } from '../../core/text/redact';
import { messageOf } from '../../core/thrown';
import type { FetchFeedSummary } from '../../workflows/contracts';
import type { FeedDependencies } from '../frame/dependencies';

/** A look that fails leaves content and events as they are and notes why. */
export function fetchFeed({ feeds, feedSource, now }: FeedDependencies) {
  return async ({ definition }: { definition: FeedDefinition }): Promise<FetchFeedSummary> => {
    const { name } = definition;
    await feeds.define(definition);
    try {
      const known = await feeds.get(name);
      const content = await feedSource.fetch(
        definition,
        known !== null && (known.etag ?? known.lastModified) !== null ? known : null,
        Context.current().cancellationSignal,
      );
      // What is of another type, such as an error page with status 200, never replaces good content.
      if (content !== null) await feedSource.read(definition, content.text, now());
      await feeds.reached(name, content, now());
      return { changed: content !== null, bytes: content?.bytes ?? null };
    } catch (error) {
      await feeds.failed(name, redactText(messageOf(error)), now());
      throw error;
    }
  };
}
