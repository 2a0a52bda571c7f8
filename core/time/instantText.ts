/** An instant, ms since the epoch → its text in UTC: exact for files, shortened for people. */

/** `2026-06-11T19:00:00Z`; with milliseconds only if there are any. */
export const instantText = (timeMs: number): string => isoOf(timeMs).replace('.000Z', 'Z');

/** `2026-06-11T19:00:00Z`, cut to the second. */
export const secondText = (timeMs: number): string => `${isoOf(timeMs).slice(0, 19)}Z`;

/** `2026-06-11 19:00:00Z`, cut to the second. */
export const dayAndSecond = (timeMs: number): string => secondText(timeMs).replace('T', ' ');

/** `2026-06-11 19:00`, cut to the minute; the zone is said elsewhere. */
export const dayAndMinute = (timeMs: number): string => isoOf(timeMs).slice(0, 16).replace('T', ' ');

/** `19:00:00`. */
export const timeOfDay = (timeMs: number): string => isoOf(timeMs).slice(11, 19);

const isoOf = (timeMs: number): string => new Date(timeMs).toISOString();
