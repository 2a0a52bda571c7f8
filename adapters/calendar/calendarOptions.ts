/** What a reader of calendars needs to know: the window, and what a calendar leaves open. */
import type { ReadingLimits } from '../../core/events/readingLimits';

export interface CalendarOptions {
  /** Events that overlap [fromMs, toMs) are read. Rules without an end are followed up to `toMs`. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Names the calendar, in messages and in the events. */
  readonly source: string;
  /** Zone of all-day events and of times without one; absent: the calendar's X-WR-TIMEZONE, or UTC. */
  readonly zone?: string;
  /** Kind of all events; absent: the first of CATEGORIES, or the summary without a year. */
  readonly kind?: string;
  /** Absent: those of feeds. */
  readonly limits?: ReadingLimits;
  /** Gets the line of each part before it is read, so that whoever ends the reading can say where it was. */
  readonly reached?: (line: number) => void;
}
