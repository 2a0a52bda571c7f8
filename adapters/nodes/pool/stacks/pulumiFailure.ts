/** From what Pulumi's command line says when it fails, a PamError that says what matters of it. */
import { CommandError, ConcurrentUpdateError } from '@pulumi/pulumi/automation';
import { PamError } from '../../../../core/errors';
import { diagnostics } from '../../../../core/failures/commandErrors';
import { messageOf } from '../../../../core/thrown';

const refusals: readonly (readonly [RegExp, string])[] = [
  [/no stack named|stack '.*' not found|no previous deployment/i, 'gone'],
  [/incorrect passphrase/i, 'it was written with another passphrase'],
  [
    /unsupported.*version|newer than|is too new|too old|unsupported deployment/i,
    'another version of Pulumi has written it',
  ],
  [/snapshot integrity|integrity check/i, 'what it says contradicts itself'],
  [/unknown resource type/i, 'another version of PAM has written it'],
  [
    /failed to load (the )?(checkpoint|current|stack|snapshot)|unmarshal|deserializ|unexpected end of JSON|invalid character|load(ing)? stack (settings|state)|could not (load|read|get) .*(stack|deployment|snapshot)/i,
    'it is damaged',
  ],
];

/** What Pulumi has against the state that it keeps, from its words: `gone` if there is none; null if it fails otherwise. */
export function refusedState(output: string): string | null {
  const said = diagnostics(output);
  return refusals.find(([pattern]) => pattern.test(said))?.[1] ?? null;
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
  const state = error instanceof CommandError ? refusedState(message) : null;
  if (state !== null && state !== 'gone')
    return new PamError(
      'INVALID_DATA',
      `${what}: Pulumi can't use the state that it keeps of this pool: ${state} (${text}). ` +
        'Its nodes go on serving as they are, and their number is not changed until the state is restored in the backend of Pulumi.',
      { cause: error },
    );
  return new PamError('UNAVAILABLE', `${what}: ${text}`, { cause: error });
}
