/** The start of an event with its rules → the starts of its occurrences in a window. */
import type { CalendarBlock } from './calendarBlocks';
import type { CalendarZones, ShownTime } from './calendarZones';
import { shownMsOf } from './calendarZones';
import { type IcalComponent, type IcalProperty, type IcalRecur, ical } from './ical';

export interface Occurrence {
  readonly start: ShownTime;
  readonly startMs: number;
}

/** A rule with more occurrences before the end of the window is cut, with a remark. */
const mostSteps = 50_000;

/**
 * Occurrences that begin before `toMs`, by start: DTSTART, RRULE and RDATE without EXDATE. Rules follow the wall clock
 * of the event, so that "every day at nine" stays at nine when clocks change. `problem` gets what is not supported.
 */
export function occurrencesOf(
  { component }: Pick<CalendarBlock, 'component'>,
  first: ShownTime,
  zones: CalendarZones,
  toMs: number,
  problem: (reason: string) => void,
): Occurrence[] {
  const starts = new Map<number, Occurrence>();
  const add = (start: ShownTime) => {
    const startMs = zones.instant(start);
    if (startMs < toMs) starts.set(startMs, { start, startMs });
    return startMs < toMs;
  };
  add(first);
  for (const property of component.getAllProperties('rrule'))
    for (const value of property.getValues())
      if (value instanceof ical.Recur) follow(value, first, zones, toMs, add, problem);
  for (const start of timesOf(component, 'rdate', zones)) add(start);
  for (const excluded of timesOf(component, 'exdate', zones)) {
    if (excluded.isDate && !first.isDate) {
      // A date excludes every occurrence on that day.
      for (const [startMs, { start }] of starts)
        if (Math.floor(start.shownMs / 86_400_000) === Math.floor(excluded.shownMs / 86_400_000))
          starts.delete(startMs);
    } else starts.delete(zones.instant(excluded));
  }
  return [...starts.values()].sort((a, b) => a.startMs - b.startMs);
}

function follow(
  rule: IcalRecur,
  first: ShownTime,
  zones: CalendarZones,
  toMs: number,
  add: (start: ShownTime) => boolean,
  problem: (reason: string) => void,
): void {
  // The library compares UNTIL, which is often in UTC, with local times. So the end is checked here.
  const { until } = rule;
  const unending = rule.clone();
  unending.until = null;
  const begin = ical.Time.fromJSDate(new Date(first.shownMs), true);
  begin.isDate = first.isDate;
  begin.zone = ical.Timezone.localTimezone;
  const months = unending.parts.BYMONTH?.map(Number);
  const iterator = unending.iterator(begin);
  for (let step = 0; step < mostSteps; step++) {
    const next = iterator.next();
    if (next === null || next === undefined) return;
    const start: ShownTime = { ...first, shownMs: shownMsOf(next) };
    if (until !== null && until !== undefined) {
      const shownUntilMs = shownMsOf(until);
      const ended = until.isDate
        ? Math.floor(start.shownMs / 86_400_000) > Math.floor(shownUntilMs / 86_400_000)
        : until.zone?.tzid === 'UTC' && !first.isDate
          ? zones.instant(start) > shownUntilMs
          : start.shownMs > shownUntilMs;
      if (ended) return;
    }
    // For 30 February the library gives a day in March.
    const exists = months === undefined || months.includes(next.month);
    if (exists ? !add(start) : zones.instant(start) >= toMs) return;
  }
  problem(`its rule yields more than ${mostSteps} occurrences: the later ones are left out`);
}

function timesOf(component: IcalComponent, name: string, zones: CalendarZones): ShownTime[] {
  return component.getAllProperties(name).flatMap((property: IcalProperty) =>
    property.getValues().flatMap((value) => {
      if (value instanceof ical.Time) return [zones.shown(value, property)];
      if (value instanceof ical.Period) return [zones.shown(value.start, property)];
      return [];
    }),
  );
}
