/** From what Pulumi's command line says when it fails, a PamError that says what matters of it. */
import { CommandError, ConcurrentUpdateError } from '@pulumi/pulumi/automation';
import { PamError } from '../../../../core/errors';
import { messageOf } from '../../../../core/thrown';

const longest = 600;
/** Says that something failed, which the reader knows, not what. */
const empty =
  /^(update failed|update canceled|resource .* failed|preview failed|an unhandled error occurred)/i;

/** The `error:` lines of Pulumi's output without repetition; the last lines where there are none. */
export function diagnostics(output: string): string {
  const lines = output.split('\n').map((line) => line.trim());
  const errors = lines
    .map((line) => /(?:^|\s)error: (.+)$/.exec(line)?.[1] ?? '')
    .filter((text) => text !== '' && !empty.test(text));
  const chosen = errors.length > 0 ? [...new Set(errors)] : lines.filter((line) => line !== '').slice(-3);
  return chosen.join('; ').slice(0, longest);
}

/**
 * @param what what was being done, e.g. `update of the nodes of "checkout"`.
 * @param cause what our own provider threw meanwhile: it keeps its code, which the wire does not carry.
 */
export function pulumiFailure(what: string, error: unknown, cause: unknown): PamError {
  if (error instanceof PamError) return error;
  if (error instanceof ConcurrentUpdateError)
    return new PamError('CONFLICT', `${what}: another update of this stack is running`, { cause: error });
  if (cause instanceof PamError) return new PamError(cause.code, `${what}: ${cause.message}`, { cause });
  const message = messageOf(error);
  if (/ENOENT|EACCES/.test(message) && /spawn/.test(message))
    return new PamError(
      'TOOL_MISSING',
      `${what}: the Pulumi command line can't be run: ${diagnostics(message)}`,
      {
        cause: error,
      },
    );
  const text = error instanceof CommandError ? diagnostics(message) : message;
  return new PamError('UNAVAILABLE', `${what}: ${text}`, { cause: error });
}
