/**
 * The text of a calendar → its events and time zones, each parsed by itself: a damaged event loses only itself and is
 * named with its line.
 */
import { PamError } from '../../core/errors';
import { LimitExceeded, type ReadingLimits } from '../../core/events/readingLimits';
import { messageOf } from '../../core/thrown';
import { type IcalComponent, ical } from './ical';

export interface CalendarBlock {
  /** Line of its BEGIN. */
  readonly line: number;
  readonly component: IcalComponent;
}

export interface CalendarProblem {
  readonly line: number;
  readonly reason: string;
}

export interface CalendarBlocks {
  readonly events: readonly CalendarBlock[];
  readonly zones: readonly CalendarBlock[];
  /** `X-WR-TIMEZONE`: the zone of the calendar’s owner; null if the calendar has none. */
  readonly zone: string | null;
  /** `METHOD:CANCEL`: every event in it is called off. */
  readonly cancelled: boolean;
  readonly problems: readonly CalendarProblem[];
}

/** Dates without VALUE=DATE, which some programs write. RFC 5545 would read them as times. */
const bareDate = /^(DTSTART|DTEND|RECURRENCE-ID|EXDATE|RDATE)((?:;[^:]*)?):(\d{8}(?:,\d{8})*)$/i;

/** Throws PamError INVALID_DATA for a text that is no calendar. `place` names it for the message. */
export function readBlocks(
  text: string,
  place: string,
  limits: ReadingLimits,
  reached: (line: number) => void = () => undefined,
): CalendarBlocks {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  if (!lines.some((line) => line.trimEnd().toUpperCase() === 'BEGIN:VCALENDAR'))
    throw new PamError('INVALID_DATA', `${place} is no iCalendar file: expected "BEGIN:VCALENDAR"`);
  const found = {
    events: [] as CalendarBlock[],
    zones: [] as CalendarBlock[],
    problems: [] as CalendarProblem[],
  };
  let zone: string | null = null;
  let cancelled = false;
  let open: { name: string; line: number; content: string[] } | null = null;

  const close = (block: { name: string; line: number; content: string[] }) => {
    if (found.events.length + found.zones.length >= limits.entries)
      throw new LimitExceeded(
        `${place}, line ${block.line}: has more than ${limits.entries} events (limit: entries)`,
      );
    reached(block.line);
    try {
      const component = new ical.Component(ical.parse(block.content.join('\r\n')));
      (block.name === 'VEVENT' ? found.events : found.zones).push({ line: block.line, component });
    } catch (error) {
      found.problems.push({ line: block.line, reason: `can't be read: ${messageOf(error)}` });
    }
  };
  for (const [index, raw] of lines.entries()) {
    const line = raw.trimEnd();
    const begins = /^BEGIN:(VEVENT|VTIMEZONE)$/i.exec(line)?.[1]?.toUpperCase();
    if (begins !== undefined) {
      if (open !== null) found.problems.push({ line: open.line, reason: `${open.name} has no END` });
      open = { name: begins, line: index + 1, content: [line] };
    } else if (open !== null) {
      open.content.push(withDateType(raw));
      if (line.toUpperCase() === `END:${open.name}`) {
        close(open);
        open = null;
      }
    } else if (/^X-WR-TIMEZONE[;:]/i.test(line)) zone = line.slice(line.indexOf(':') + 1).trim();
    else if (/^METHOD:CANCEL$/i.test(line)) cancelled = true;
  }
  if (open !== null)
    found.problems.push({ line: open.line, reason: `${open.name} has no END: is the file cut off?` });
  return { ...found, zone, cancelled };
}

function withDateType(line: string): string {
  const match = bareDate.exec(line.trimEnd());
  if (match === null || /VALUE=/i.test(match[2] ?? '')) return line;
  return `${match[1]};VALUE=DATE:${match[3]}`;
}
