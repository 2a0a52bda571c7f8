/**
 * A stream of the terminal → the same stream, on which text of others can neither act nor tell secrets. The one place
 * where text leaves the `pam` command: every write is redacted and its control characters are made visible, whichever
 * command writes. PAM's own control of the cursor goes through `controlOf`.
 */
import { redactText } from '../../core/text/redact';
import { visibleText } from '../../core/text/visible';

type Write = NodeJS.WriteStream['write'];

/** Writers without the guard, by stream. */
const unguarded = new WeakMap<object, Write>();

export const shownText = (text: string): string => visibleText(redactText(text));

/** From now on everything that is written to it is encoded. A second call changes nothing. */
export function guardOutput(stream: NodeJS.WriteStream): void {
  if (unguarded.has(stream)) return;
  const write = stream.write.bind(stream) as Write;
  unguarded.set(stream, write);
  stream.write = ((chunk: string | Uint8Array, ...rest: never[]) =>
    write(
      shownText(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8')),
      ...rest,
    )) as Write;
}

/** Writes control sequences of PAM's own. Never pass text that came from elsewhere. */
export function controlOf(stream: NodeJS.WritableStream): (sequence: string) => void {
  return (sequence) => {
    const write = unguarded.get(stream);
    if (write === undefined) stream.write(sequence);
    else write(sequence);
  };
}
