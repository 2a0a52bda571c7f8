/** What `syncEvents` and its activities take and give. */
import type { FeedDefinition, FeedInput } from '../../core/events/feed';

/**
 * Input of `syncEvents`: a feed as its owner defines it, or the name of one that is known. `withdraw` calls off
 * whatever it announced and has not ended, and forgets it.
 */
export type SyncEventsInput = FeedInput | { readonly feed: string; readonly withdraw?: boolean };

/** Result of `fetchFeed`: the content itself is in PostgreSQL. */
export interface FetchFeedSummary {
  /** False: it is as it was at the last look. */
  readonly changed: boolean;
  readonly bytes: number | null;
}

/** Input of `storeEvents`. */
export interface StoreEventsInput {
  readonly definition: FeedDefinition;
  /** Call off all that has not ended and forget the feed, instead of reading its content. */
  readonly withdraw: boolean;
}

/** What a look at a feed changed for one category. */
export interface CategoryChanges {
  readonly category: string;
  readonly added: number;
  readonly moved: number;
  readonly withdrawn: number;
  /** `calendarEvent` messages about what has not ended, nearest first; further ones are only in the store. */
  readonly messages: readonly unknown[];
}

/** Result of `storeEvents`. */
export interface StoreEventsSummary {
  readonly categories: readonly CategoryChanges[];
  readonly unchanged: number;
  /** Coming events that the feed no longer names and that stay, because part of it could not be read. */
  readonly spared: number;
  /** What could not be read or only with an assumption, the first of them, with line and reason. */
  readonly problems: readonly string[];
  readonly problemCount: number;
}

/** Result of `syncEvents`: what changed, in numbers and words. */
export interface SyncEventsResult {
  readonly feed: string;
  readonly added: number;
  readonly moved: number;
  readonly withdrawn: number;
  readonly unchanged: number;
  readonly problems: readonly string[];
  /** Categories that got a message. */
  readonly signalled: readonly string[];
  /** Categories that do not run: they find the events in the store when they do. */
  readonly notRunning: readonly string[];
  readonly summary: string;
}
