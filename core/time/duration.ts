/** A duration as a person writes it (`90s`, `5m`, `1.5h`) ↔ milliseconds. Runs in workflows, so it is pure and light. */
import ms from 'ms';
import { z } from 'zod';

/** Marks a setting whose value is milliseconds, so that its name in use ends with `Ms`. */
export type Ms = z.$brand<'ms'>;

/** Longest text of a duration, and the longest duration, ms: 27 years. What is longer is a mistake. */
const mostLetters = 40;
const longestMs = 10_000 * 86_400_000;

const written = z
  .string()
  .max(mostLetters)
  .regex(/^\d+(\.\d+)?\s*(ms|s|m|h|d|w)$/, 'expected a duration with its unit, such as "30s", "5m" or "24h"')
  .transform((text) => Math.round(ms(text as ms.StringValue)));

/** `90s`, `5m`, `1.5h`, `250ms`; a positive duration with its unit, of 10000d at most. Yields whole milliseconds. */
export const duration = written
  .refine((value) => value > 0, 'expected a duration above zero')
  .refine((value) => value <= longestMs, 'expected a duration of at most 10000d')
  .brand<'ms'>()
  .meta({ unit: 'duration' });

/** The same, of at least and at most so long: `durationWithin('1s', '1d')`. */
export function durationWithin(least: ms.StringValue, most: ms.StringValue) {
  const [leastMs, mostMs] = [ms(least), ms(most)];
  return written
    .refine(
      (value) => value >= leastMs && value <= mostMs,
      `expected a duration of at least ${least} and at most ${most}`,
    )
    .brand<'ms'>()
    .meta({ unit: 'duration' });
}

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const;

/** `300000` → `5m`: the largest unit that divides it. */
export function writtenDuration(durationMs: number): string {
  const unit = units.find(([, size]) => durationMs % size === 0 && durationMs >= size);
  return unit === undefined ? `${durationMs}ms` : `${durationMs / unit[1]}${unit[0]}`;
}
