/**
 * A stream of the terminal → the same stream, on which text of others can neither act nor tell secrets. The one place
 * where text leaves the `pam` command: every write is redacted and its control characters are made visible, whichever
 * command writes. PAM's own control of the cursor goes through `controlOf`.
 */
import { redactText } from '../../core/text/redact';
import { visibleText } from '../../core/text/visible';

type Write = NodeJS.WriteStream['write'];

/** A guarding writer → the one that it guards. */
const originals = new WeakMap<Write, Write>();

export const shownText = (text: string): string => visibleText(redactText(text));

/** From now on everything that is written to it is encoded. A second call changes nothing. */
export function guardOutput(stream: NodeJS.WriteStream): void {
  const original = stream.write;
  if (originals.has(original)) return;
  const guarding = ((chunk: string | Uint8Array, ...rest: never[]) =>
    original.call(
      stream,
      shownText(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8')),
      ...rest,
    )) as Write;
  originals.set(guarding, original);
  stream.write = guarding;
}

/** Writes control sequences of PAM's own. Never pass text that came from elsewhere. */
export function controlOf(stream: NodeJS.WritableStream): (sequence: string) => void {
  return (sequence) => {
    (originals.get(stream.write as Write) ?? stream.write).call(stream, sequence);
  };
}
