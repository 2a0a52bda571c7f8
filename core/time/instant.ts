/** An instant as a person writes it, with its zone → ms since the epoch. */
import { z } from 'zod';

export const instant = z.iso
  .datetime({ offset: true, error: 'expected an instant with its zone, such as "2026-12-24T18:00:00Z"' })
  .transform((text) => Date.parse(text))
  .brand<'ms'>()
  .meta({ unit: 'instant' });
