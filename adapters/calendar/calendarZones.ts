/** A date and time of a calendar, with the zone that it names → an instant. */
import { type WallClock, wallClock } from '../../core/time/wallClock';
import type { CalendarBlock } from './calendarBlocks';
import { type IcalProperty, type IcalTime, ical } from './ical';

/** A date and time as a clock on the wall shows it: what `Date.UTC` makes of it, ms. */
export interface ShownTime {
  readonly shownMs: number;
  readonly isDate: boolean;
  /** The clock; null = floating, which means the zone of whoever looks. */
  readonly clock: WallClock | null;
}

export class CalendarZones {
  /** Number of floating times and all-day dates for which nobody named a zone. */
  assumed = 0;
  private readonly own = new Map<string, CalendarBlock['component']>();
  private readonly clocks = new Map<string, WallClock | null>();

  /** `floating` = the zone for times without one; null = UTC is assumed. */
  constructor(
    zones: readonly CalendarBlock[],
    private readonly floating: WallClock | null,
  ) {
    for (const { component } of zones) {
      const id = component.getFirstPropertyValue('tzid');
      if (typeof id === 'string') this.own.set(id, component);
    }
  }

  /** Throws an Error that says which zone is not known. */
  shown(time: IcalTime, property: IcalProperty | null): ShownTime {
    const shownMs = shownMsOf(time);
    if (time.isDate) return { shownMs, isDate: true, clock: null };
    if (time.zone?.tzid === 'UTC') return { shownMs, isDate: false, clock: wallClock('UTC') };
    const id = property?.getParameter('tzid');
    if (typeof id !== 'string' || id === '') return { shownMs, isDate: false, clock: null };
    return { shownMs, isDate: false, clock: this.clockOf(id) };
  }

  /**
   * Ms since the epoch. A skipped time counts from the offset before it; of a repeated time the first counts (RFC
   * 5545, 3.3.5).
   */
  instant({ shownMs, clock }: ShownTime): number {
    if (clock === null && this.floating === null) this.assumed++;
    const used = clock ?? this.floating ?? wallClock('UTC');
    const [first] = used.instants(shownMs);
    if (first !== undefined) return first;
    const hourMs = 3_600_000;
    const [before] = used.instants(shownMs - 3 * hourMs);
    return (before ?? shownMs - 3 * hourMs) + 3 * hourMs;
  }

  private clockOf(id: string): WallClock {
    let clock = this.clocks.get(id);
    if (clock === undefined) {
      clock = ianaClock(id) ?? this.ownClock(id);
      this.clocks.set(id, clock);
    }
    if (clock === null)
      throw new Error(
        `time zone "${id}" is unknown: expected a name of the tz database, or a VTIMEZONE in the file that describes it`,
      );
    return clock;
  }

  private ownClock(id: string): WallClock | null {
    const component = this.own.get(id);
    if (component === undefined) return null;
    const rules = component.getAllSubcomponents().flatMap((part) => part.getAllProperties('rrule'));
    for (const rule of rules.map((property) => property.getFirstValue()))
      if (rule instanceof ical.Recur && rule.freq !== 'YEARLY')
        throw new Error(`time zone "${id}" changes with FREQ=${rule.freq}: expected FREQ=YEARLY`);
    const zone = new ical.Timezone(component);
    return {
      zone: id,
      instants: (shownMs) => {
        const time = ical.Time.fromJSDate(new Date(shownMs), true);
        return [shownMs - zone.utcOffset(time) * 1_000];
      },
    };
  }
}

/**
 * The clock of a zone’s name in the tz database, with or without a program’s prefix such as
 * `/example.org/Europe/Paris`.
 */
function ianaClock(id: string): WallClock | null {
  const parts = id.split('/').filter((part) => part !== '');
  for (const name of [id, parts.slice(-3).join('/'), parts.slice(-2).join('/')]) {
    try {
      return wallClock(name);
    } catch {
      // The next spelling.
    }
  }
  return null;
}

export function shownMsOf(time: IcalTime): number {
  return Date.UTC(time.year, time.month - 1, time.day, time.hour, time.minute, time.second);
}
