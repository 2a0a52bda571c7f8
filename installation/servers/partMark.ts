/**
 * What a part of an installation carries in its environment: its name, its log and what `run.json` says of it. So what runs
 * is known although that file is lost, and no other process is taken for a part.
 */
import { z } from 'zod';
import { commandLineOf, variableOf } from './processTable';

const variable = 'PAM_PART';

const shape = z.object({
  name: z.string(),
  log: z.string(),
  /** As started: what the part starts itself inherits the variable, and has another command line. */
  commandLine: z.string(),
  facts: z.unknown(),
});

export type PartMark = z.output<typeof shape>;

/** Never a secret: facts may be shown. */
export function partVariable(mark: PartMark): Record<string, string> {
  return { [variable]: Buffer.from(JSON.stringify(mark)).toString('base64url') };
}

/** null if the process is not a part, but what one has started. */
export function partMarkOf(pid: number): PartMark | null {
  const text = variableOf(pid, variable);
  if (text === null) return null;
  try {
    const mark = shape.parse(JSON.parse(Buffer.from(text, 'base64url').toString()));
    return mark.commandLine === commandLineOf(pid) ? mark : null;
  } catch {
    return null;
  }
}
