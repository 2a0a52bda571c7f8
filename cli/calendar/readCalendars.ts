/** Calendar files, or the text of one, as a person gives them to a command → what they say, read in a process apart. */
import type { CalendarOptions, CalendarReading } from '../../adapters/calendar/readCalendar';
import { readCalendarFile } from '../../adapters/calendar/readCalendarFile';
import { createReader } from '../../adapters/reader';
import { type ReadingLimits, readingLimits } from '../../core/events/readingLimits';

/** A person waits for it and has a whole machine: more than for a feed, which is read again and again. */
const limits: ReadingLimits = { events: 200_000, occurrences: 50_000, entries: 400_000, steps: 10_000_000 };
const reading = { processes: 1, deadlineMs: 120_000, heapMb: 1_024 };

export interface Calendars {
  file(file: string, options: Omit<CalendarOptions, 'source'>): Promise<CalendarReading>;
  text(text: string, options: CalendarOptions): Promise<CalendarReading>;
}

export async function withCalendars<Result>(
  work: (calendars: Calendars) => Promise<Result>,
): Promise<Result> {
  const reader = createReader({ limits: readingLimits, ...reading });
  const text: Calendars['text'] = (content, options) => reader.readCalendar(content, { limits, ...options });
  try {
    return await work({ file: (file, options) => readCalendarFile(file, options, text), text });
  } finally {
    await reader.close();
  }
}
