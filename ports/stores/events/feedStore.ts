/** What is known of each feed: its definition, its last content and how the last look at it went. */
import type { FeedDefinition } from '../../../core/events/feed';
import type { StoredEvent } from '../../../core/events/feedChanges';
import type { CategoryEvent } from '../../../core/events/newsRules';
import type { FeedContent } from '../../feedSource';

export interface FeedRecord {
  readonly definition: FeedDefinition;
  /** Last look that reached the feed, changed or not, ms; null before. */
  readonly lastOkMs: number | null;
  /** Last content that was new, ms; null before. */
  readonly lastChangeMs: number | null;
  /** Why the last look failed, and when, ms; null when it did not. */
  readonly lastError: string | null;
  readonly lastErrorMs: number | null;
  readonly etag: string | null;
  readonly lastModified: string | null;
}

export interface FeedStore {
  /** Keeps the definition; a changed address forgets the content and its validators. */
  define(definition: FeedDefinition): Promise<void>;
  get(name: string): Promise<FeedRecord | null>;
  /** By name. */
  list(): Promise<FeedRecord[]>;
  /** The look reached the feed; `content` null = as before. */
  reached(name: string, content: FeedContent | null, atMs: number): Promise<void>;
  failed(name: string, why: string, atMs: number): Promise<void>;
  /** The last content; null before the first. */
  content(name: string): Promise<string | null>;
  remove(name: string): Promise<void>;

  /** Events of a source in all categories that end after `fromMs`, called-off ones included. */
  eventsOf(source: string, fromMs: number): Promise<StoredEvent[]>;
  /** All of it or nothing: what was added or changed stands, what was withdrawn is marked as called off by its feed. */
  apply(
    source: string,
    announced: readonly CategoryEvent[],
    withdrawn: readonly CategoryEvent[],
  ): Promise<void>;
}
