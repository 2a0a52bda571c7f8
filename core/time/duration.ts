/** A duration as a person writes it (`90s`, `5m`, `1.5h`) ↔ milliseconds. Runs in workflows, so it is pure and light. */
import ms from 'ms';
import { z } from 'zod';

/** Marks a setting whose value is milliseconds, so that its name in use ends with `Ms`. */
export type Ms = z.$brand<'ms'>;

/** `90s`, `5m`, `1.5h`, `250ms`; a positive duration with its unit. Yields milliseconds. */
export const duration = z
  .string()
  .regex(/^\d+(\.\d+)?\s*(ms|s|m|h|d|w)$/, 'expected a duration with its unit, such as "30s", "5m" or "24h"')
  .transform((text) => ms(text as ms.StringValue))
  .refine((value) => value > 0, 'expected a duration above zero')
  .brand<'ms'>()
  .meta({ unit: 'duration' });

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
