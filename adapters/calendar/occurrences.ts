/** The start of an event with its rules → the starts of its occurrences in a window. */
import { type ReadingLimits, requireWithin } from '../../core/events/readingLimits';
import type { CalendarBlock } from './calendarBlocks';
import type { CalendarZones, ShownTime } from './calendarZones';
import { shownMsOf } from './calendarZones';
import { type IcalComponent, type IcalProperty, type IcalRecur, ical } from './ical';
import { spendSteps, toTheNextDate } from './ruleSteps';

export interface Occurrence {
  readonly start: ShownTime;
  readonly startMs: number;
}

export interface OccurrenceWindow {
  /** Occurrences that begin well before it need not be told. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly limits: ReadingLimits;
}

const dayMs = 86_400_000;
/** No zone is further from UTC, so what is this far from an instant on the wall clock is so in every zone. */
const zoneMs = 2 * dayMs;
/** A rule has a few dozen characters; each value in it costs work at every step. */
const longestRule = 2_000;
/** What an exception costs, in steps: it is parsed and its zone is looked up. */
const stepsOfADate = 10;

/**
 * Occurrences that begin before `toMs`, by start: DTSTART, RRULE and RDATE without EXDATE. Rules follow the wall clock
 * of the event, so that "every day at nine" stays at nine when clocks change. Throws LimitExceeded.
 */
export function occurrencesOf(
  { component }: Pick<CalendarBlock, 'component'>,
  first: ShownTime,
  zones: CalendarZones,
  { fromMs, toMs, limits }: OccurrenceWindow,
): Occurrence[] {
  const starts = new Map<number, Occurrence>();
  const add = (start: ShownTime) => {
    if (start.shownMs < fromMs - zoneMs) return true;
    const startMs = zones.instant(start);
    if (startMs >= toMs) return false;
    starts.set(startMs, { start, startMs });
    requireWithin(limits, 'occurrences', starts.size, 'occurrences in the window');
    return true;
  };
  // Also where it is long over: whether a zone was assumed is seen here.
  zones.instant(first);
  add(first);
  for (const property of component.getAllProperties('rrule'))
    for (const value of property.getValues())
      if (value instanceof ical.Recur) follow(value, first, zones, toMs, add);
  for (const start of timesOf(component, 'rdate', zones, limits)) add(start);
  const excludedDays = new Set<number>();
  // A date excludes every occurrence on that day.
  for (const excluded of timesOf(component, 'exdate', zones, limits))
    if (excluded.isDate && !first.isDate) excludedDays.add(dayOf(excluded));
    else starts.delete(zones.instant(excluded));
  return [...starts.values()]
    .filter(({ start }) => excludedDays.size === 0 || !excludedDays.has(dayOf(start)))
    .sort((a, b) => a.startMs - b.startMs);
}

const dayOf = ({ shownMs }: ShownTime): number => Math.floor(shownMs / dayMs);

function follow(
  rule: IcalRecur,
  first: ShownTime,
  zones: CalendarZones,
  toMs: number,
  add: (start: ShownTime) => boolean,
): void {
  const text = rule.toString();
  if (text.length > longestRule)
    throw new Error(`its rule has ${text.length} characters: expected at most ${longestRule}`);
  // The library compares UNTIL, which is often in UTC, with local times. So the end is checked here.
  const { until } = rule;
  const unending = rule.clone();
  unending.until = null;
  const begin = ical.Time.fromJSDate(new Date(first.shownMs), true);
  begin.isDate = first.isDate;
  begin.zone = ical.Timezone.localTimezone;
  const months = unending.parts.BYMONTH?.map(Number);
  const ended = until === null || until === undefined ? () => false : endOf(until, first, zones);
  const iterator = toTheNextDate(() => unending.iterator(begin));
  for (;;) {
    const next = toTheNextDate(() => iterator.next());
    if (next === null || next === undefined) return;
    const start: ShownTime = { ...first, shownMs: shownMsOf(next) };
    if (ended(start)) return;
    // For 30 February the library gives a day in March.
    const exists = months === undefined || months.includes(next.month);
    if (exists ? !add(start) : start.shownMs >= toMs + zoneMs) return;
  }
}

/** Whether an occurrence comes after UNTIL. */
function endOf(
  until: InstanceType<typeof ical.Time>,
  first: ShownTime,
  zones: CalendarZones,
): (start: ShownTime) => boolean {
  const shownUntilMs = shownMsOf(until);
  if (until.isDate) return ({ shownMs }) => Math.floor(shownMs / dayMs) > Math.floor(shownUntilMs / dayMs);
  if (until.zone?.tzid !== 'UTC' || first.isDate) return ({ shownMs }) => shownMs > shownUntilMs;
  return (start) => start.shownMs > shownUntilMs - zoneMs && zones.instant(start) > shownUntilMs;
}

function timesOf(
  component: IcalComponent,
  name: string,
  zones: CalendarZones,
  limits: ReadingLimits,
): ShownTime[] {
  const times: ShownTime[] = [];
  for (const property of component.getAllProperties(name) as IcalProperty[])
    for (const value of property.getValues()) {
      spendSteps(stepsOfADate);
      if (value instanceof ical.Time) times.push(zones.shown(value, property));
      else if (value instanceof ical.Period) times.push(zones.shown(value.start, property));
      requireWithin(limits, 'occurrences', times.length, `dates in ${name.toUpperCase()}`);
    }
  return times;
}
