/** A time zone and what a clock on the wall shows → the instants that it may mean: none, one or two. */
import { PamError } from '../errors';

export interface WallClock {
  /** As it was named: `UTC`, `+02:00`, `America/New_York`. */
  readonly zone: string;
  /**
   * The instants, ms since the epoch, ascending, at which a clock in this zone shows `shownMs`, which is what
   * `Date.UTC` makes of the shown date and time. None in the hour that is skipped in spring, two in the one that is
   * repeated in autumn.
   */
  instants(shownMs: number): readonly number[];
}

const fixedOffset = /^([+-])(\d{2}):?(\d{2})$/;
const dayMs = 86_400_000;
/** Offsets change on whole quarters of an hour (UTC) only, so one look-up serves a quarter. */
const quarterMs = 900_000;

/** Throws PamError INVALID_INPUT for a zone that is not known. The rules are those of the runtime's tz database. */
export function wallClock(zone: string): WallClock {
  if (zone === 'UTC' || zone === 'Z') return { zone: 'UTC', instants: (shownMs) => [shownMs] };
  const fixed = fixedOffset.exec(zone);
  if (fixed !== null) {
    const offsetMs = (Number(fixed[2]) * 60 + Number(fixed[3])) * 60_000 * (fixed[1] === '-' ? -1 : 1);
    return { zone, instants: (shownMs) => [shownMs - offsetMs] };
  }
  const offsetAt = zoneOffsets(zone);
  return {
    zone,
    instants(shownMs) {
      const offsets = new Set([offsetAt(shownMs - dayMs), offsetAt(shownMs + dayMs)]);
      return [...offsets]
        .map((offsetMs) => shownMs - offsetMs)
        .filter((instantMs) => offsetAt(instantMs) === shownMs - instantMs)
        .sort((a, b) => a - b);
    },
  };
}

/** What the clock of the zone shows minus UTC, ms, at an instant. */
function zoneOffsets(zone: string): (instantMs: number) => number {
  const format = formatOf(zone);
  const known = new Map<number, number>();
  return (instantMs) => {
    const quarter = Math.floor(instantMs / quarterMs);
    const cached = known.get(quarter);
    if (cached !== undefined) return cached;
    const atMs = quarter * quarterMs;
    const shown: Record<string, number> = {};
    for (const { type, value } of format.formatToParts(atMs)) shown[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = shown;
    const offsetMs = Date.UTC(year, month - 1, day, hour, minute, second) - atMs;
    if (known.size > 50_000) known.clear();
    known.set(quarter, offsetMs);
    return offsetMs;
  };
}

function formatOf(zone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    throw new PamError(
      'INVALID_INPUT',
      `unknown time zone "${zone}": expected "UTC", an offset such as "+02:00", or a name such as "America/New_York"`,
    );
  }
}
