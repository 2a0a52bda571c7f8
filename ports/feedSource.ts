/** Where feeds come from: a definition and what is known of the last answer in, the content out. */
import type { FeedDefinition } from '../core/events/feed';
import type { FeedReading } from '../core/events/feedChanges';

/** What the origin wants to hear at the next request, so that it need not send the same content again. */
export interface FeedValidators {
  readonly etag: string | null;
  readonly lastModified: string | null;
}

export interface FeedContent extends FeedValidators {
  readonly text: string;
  /** Unpacked. */
  readonly bytes: number;
}

export interface FeedSource {
  /**
   * The content, or null when it is as before. Throws PamError: UNAVAILABLE and THROTTLED are worth a retry; DENIED
   * (also for an address that the feed may not reach), NOT_FOUND, REJECTED and INVALID_DATA (too large) are not.
   */
  fetch(
    definition: FeedDefinition,
    known: FeedValidators | null,
    signal?: AbortSignal,
  ): Promise<FeedContent | null>;
  /**
   * What the content says about the time around `nowMs`. Throws PamError INVALID_DATA where it is not of its type, or
   * asks for more work than a document may.
   */
  read(definition: FeedDefinition, text: string, nowMs: number): Promise<FeedReading>;
}
