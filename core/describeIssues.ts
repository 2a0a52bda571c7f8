/** A failed parse → its messages, one a field, each naming where: `nodes.min: expected …`. */
import type { z } from 'zod';

export function describeIssues(error: z.ZodError): string {
  return error.issues.map((issue) => `${issue.path.join('.') || '(input)'}: ${issue.message}`).join('; ');
}
