/**
 * Wraps an activity so that it parses what it gets. Whoever reaches Temporal may start an activity with any input: only
 * what the workflows of PAM could have sent goes further, and what the policy of this worker allows.
 */
import type { z } from 'zod';
import { describeIssues } from '../../core/describeIssues';
import { PamError } from '../../core/errors';

type Activity<Input, Output> = (input: Input) => Promise<Output>;

/**
 * @param refusals why the policy refuses the input; empty if it does not.
 * @throws PamError INVALID_INPUT with the fields that are wrong; DENIED with what the policy refuses.
 */
export function parsed<Input, Output>(
  name: string,
  schema: z.ZodType<Input>,
  activity: Activity<Input, Output>,
  refusals: (input: Input) => readonly string[] | Promise<readonly string[]> = () => [],
): Activity<Input, Output> {
  return async (given) => {
    const input = schema.safeParse(given);
    if (!input.success) throw new PamError('INVALID_INPUT', `${name}: ${describeIssues(input.error)}`);
    const refused = await refusals(input.data);
    if (refused.length > 0) throw new PamError('DENIED', refused.join('; '));
    return activity(input.data);
  };
}
