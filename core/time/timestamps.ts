/** One timestamp as a file has it → ms since the epoch, or the reason why it can't be read. */
import type { WallClock } from './wallClock';

/** Which of two instants a repeated wall-clock time means (the hour that comes twice in autumn). */
export type AmbiguousTime = 'reject' | 'earlier' | 'later';

export interface TimestampRules {
  /** `iso` = ISO 8601 text; `ms` and `s` = numbers since the epoch. */
  readonly unit: 'iso' | 'ms' | 's';
  /** Zone of timestamps that name none; null = there must be none. */
  readonly clock: WallClock | null;
  readonly ambiguous: AmbiguousTime;
}

const iso =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?\s*(Z|z|UTC|[+-]\d{2}(?::?\d{2})?)?$/;

/** 1 January 2200: a larger number has another unit. */
const latestMs = Date.UTC(2200, 0, 1);

/** Ms since the epoch, whole; a string is the reason why not. */
export function readTimestamp(value: string, { unit, clock, ambiguous }: TimestampRules): number | string {
  const text = value.trim();
  if (text === '') return 'the timestamp is empty';
  if (unit !== 'iso') return readEpoch(text, unit);
  const match = iso.exec(text);
  if (match === null) return notIso(text);
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone] = match;
  const shownMs =
    Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second)) +
    Number(fraction.padEnd(3, '0').slice(0, 3));
  const shown = new Date(shownMs);
  if (
    shown.getUTCDate() !== Number(day) ||
    shown.getUTCMonth() !== Number(month) - 1 ||
    shown.getUTCHours() !== Number(hour) ||
    shown.getUTCMinutes() !== Number(minute) ||
    shown.getUTCSeconds() !== Number(second)
  )
    return `"${text}" is not a time that exists`;
  if (zone !== undefined) return shownMs - offsetOf(zone);
  if (clock === null)
    return `"${text}" has no time zone: give the zone of the file, such as --zone UTC or --zone America/New_York`;
  const [earlier, later] = clock.instants(shownMs);
  if (earlier === undefined)
    return `"${text}" does not exist in ${clock.zone}: the clocks are put forward over it`;
  if (later === undefined || ambiguous === 'earlier') return earlier;
  if (ambiguous === 'later') return later;
  return `"${text}" comes twice in ${clock.zone}, when the clocks are put back: write the offset in the file, or choose with --ambiguous`;
}

function readEpoch(text: string, unit: 'ms' | 's'): number | string {
  const value = Number(text);
  if (!/^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text) || !Number.isFinite(value))
    return `"${text}" is not a number of ${unit === 's' ? 'seconds' : 'milliseconds'} since 1970`;
  const ms = Math.floor(unit === 's' ? value * 1_000 : value);
  if (Math.abs(ms) > latestMs)
    return `${text} is beyond the year 2200: it is not in ${unit === 's' ? 'seconds; is it milliseconds ("timestamp_ms")?' : 'milliseconds'}`;
  return ms;
}

function notIso(text: string): string {
  return /^-?\d+(\.\d+)?$/.test(text)
    ? `"${text}" is a number without a unit: call its column "timestamp_s" (seconds since 1970) or "timestamp_ms", or use --map timestamp_ms=COLUMN`
    : `"${text}" is not a timestamp: expected ISO 8601, such as "2026-05-04T13:30:00Z"`;
}

function offsetOf(zone: string): number {
  if (/^(z|utc)$/i.test(zone)) return 0;
  const digits = zone.replace(':', '');
  const ms = (Number(digits.slice(1, 3)) * 60 + Number(digits.slice(3, 5) || '0')) * 60_000;
  return digits.startsWith('-') ? -ms : ms;
}
