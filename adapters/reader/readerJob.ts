/** What a reader process gets and gives. */
import type { ErrorCode } from '../../core/errors';
import type { FeedDefinition } from '../../core/events/feed';
import type { ReadingLimits } from '../../core/events/readingLimits';
import type { CalendarOptions } from '../calendar/readCalendar';

export type ReaderJob =
  | {
      readonly kind: 'feed';
      readonly definition: FeedDefinition;
      readonly text: string;
      readonly nowMs: number;
      readonly limits: ReadingLimits;
    }
  | { readonly kind: 'calendar'; readonly text: string; readonly options: CalendarOptions };

/** `code` null: a fault of PAM. */
export type ReaderAnswer =
  | { readonly reading: unknown }
  | { readonly failure: { readonly code: ErrorCode | null; readonly message: string } };

/** Where a reader process writes the line that it has come to. */
export const placeDescriptor = 4;
