/** A feed’s definition → what would change. It is fetched and read here; nothing is stored. */
import { createFeedSource } from '../../adapters/feeds';
import type { Database } from '../../adapters/postgres';
import { createReader } from '../../adapters/reader';
import { type FeedDefinition, feedSource } from '../../core/events/feed';
import { type FeedChanges, type FeedReading, feedChanges } from '../../core/events/feedChanges';

export interface FeedTrial {
  readonly bytes: number;
  readonly reading: FeedReading;
  readonly changes: FeedChanges;
  /** Whether a database was there to compare with. */
  readonly compared: boolean;
}

export async function tryFeed(
  definition: FeedDefinition,
  database: Database | null,
  nowMs: number,
): Promise<FeedTrial> {
  const reader = createReader();
  const source = createFeedSource(reader);
  const content = await source.fetch(definition, null);
  const text = content?.text ?? '';
  const reading = await source.read(definition, text, nowMs).finally(() => reader.close());
  const stored =
    database === null
      ? []
      : await database.feeds.eventsOf(feedSource(definition.name), nowMs - definition.past);
  return {
    bytes: content?.bytes ?? 0,
    reading,
    changes: feedChanges(stored, reading, nowMs),
    compared: database !== null,
  };
}
