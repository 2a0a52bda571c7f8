/** An instant as a person writes it, with its zone → ms since the epoch. */
import { z } from 'zod';

/** 1970 to 2200: what lies outside is a mistake. */
const latestMs = Date.UTC(2200, 0, 1);
export const isLikelyInstant = (timeMs: number): boolean => timeMs >= 0 && timeMs <= latestMs;
export const unlikelyInstant = 'expected an instant between the years 1970 and 2200';

export const instant = z.iso
  .datetime({ offset: true, error: 'expected an instant with its zone, such as "2026-12-24T18:00:00Z"' })
  .transform((text) => Date.parse(text))
  .refine(isLikelyInstant, unlikelyInstant)
  .brand<'ms'>()
  .meta({ unit: 'instant' });
