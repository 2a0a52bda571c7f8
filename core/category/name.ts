/** What a category may be called: the name stands in workflow ids, stack names, tags and metrics. */
import { z } from 'zod';

export const categoryName = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]{0,39}$/,
    'expected 1 to 40 lower-case letters, digits or dashes that start with a letter, such as "checkout"',
  )
  .refine((name) => name !== 'shared', 'expected another name: "shared" is the pool of unmatched requests');
