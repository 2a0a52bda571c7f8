/** Times as people type them, instants or how long ago → milliseconds, or an error with the option’s name. */
import { PamError } from '../../core/errors';
import { duration } from '../../core/time/duration';

/** `12h`, `7d` → ms. Throws PamError INVALID_INPUT. */
export function readPast(option: string, text: string): number {
  const parsed = duration.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new PamError('INVALID_INPUT', `${option} ${text}: ${parsed.error.issues[0]?.message}`);
}

/** ISO 8601 (a date alone is midnight UTC, a time without a zone is UTC) or how long ago (`2h`) → ms since the epoch. */
export function readInstant(option: string, text: string, nowMs: number): number {
  if (duration.safeParse(text).success) return nowMs - readPast(option, text);
  const zoned = /T\d{2}:\d{2}(:\d{2}(\.\d+)?)?$/.test(text) ? `${text}Z` : text;
  const instant = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(zoned) : Number.NaN;
  if (!Number.isNaN(instant)) return instant;
  throw new PamError(
    'INVALID_INPUT',
    `${option} ${text}: expected an instant such as 2026-06-11T19:00:00Z, or how long ago, such as 2h`,
  );
}
