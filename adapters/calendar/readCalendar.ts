/** The text of an iCalendar file (RFC 5545) and a window → the events that demand may depend on. */
import { PamError } from '../../core/errors';
import type { DemandEvent } from '../../core/events/event';
import { readingLimits } from '../../core/events/readingLimits';
import { wallClock } from '../../core/time/wallClock';
import { type CalendarProblem, readBlocks } from './calendarBlocks';
import { CalendarEvents } from './calendarEvents';
import type { CalendarOptions } from './calendarOptions';
import { CalendarZones } from './calendarZones';
import { withSteps } from './ruleSteps';

export type { CalendarProblem } from './calendarBlocks';
export type { CalendarOptions } from './calendarOptions';

export interface CalendarReading {
  /** By start. */
  readonly events: DemandEvent[];
  /** Ids of the events that the calendar calls off. */
  readonly cancelled: string[];
  /** What could not be read, or only with an assumption. Line 0 means the whole file. */
  readonly problems: CalendarProblem[];
}

/**
 * Throws PamError INVALID_DATA for a text that is no calendar, INVALID_INPUT for an unknown `zone`, LimitExceeded with
 * the line for a calendar that asks for more work than `limits` allow.
 */
export function readCalendar(text: string, options: CalendarOptions): CalendarReading {
  const { zone, source, limits = readingLimits } = options;
  const blocks = readBlocks(text, source, limits, options.reached);
  const problems = [...blocks.problems];
  const floating = zone === undefined ? ownZone(blocks.zone, problems) : wallClock(zone);
  const zones = new CalendarZones(blocks.zones, floating);
  const reader = new CalendarEvents(blocks, zones, { ...options, limits }, problems);
  const { events, cancelled } = withSteps(limits.steps, () => reader.read());
  if (zones.assumed > 0)
    problems.push({
      line: 0,
      reason:
        'has all-day events or times without a zone: they were read as UTC; set a zone if that is wrong',
    });
  return {
    events: events.sort((a, b) => a.startMs - b.startMs || (a.id < b.id ? -1 : 1)),
    cancelled,
    problems: problems.sort((a, b) => a.line - b.line),
  };
}

function ownZone(name: string | null, problems: CalendarProblem[]) {
  if (name === null) return null;
  try {
    return wallClock(name);
  } catch (error) {
    if (!(error instanceof PamError)) throw error;
    problems.push({ line: 0, reason: `X-WR-TIMEZONE: ${error.message}` });
    return null;
  }
}
