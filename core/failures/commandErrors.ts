/** What a command printed when it failed → the lines that say why, without the rest of its pages. */

const longest = 600;
/** Says that something failed, which the reader knows, not what. */
const empty =
  /^(update failed|update canceled|resource .* failed|preview failed|an unhandled error occurred)/i;

/** The `error:` lines of the output without repetition; the last lines where there are none. */
export function diagnostics(output: string): string {
  const lines = output.split('\n').map((line) => line.trim());
  const errors = lines
    .map((line) => /(?:^|\s)error: (.+)$/.exec(line)?.[1] ?? '')
    .filter((text) => text !== '' && !empty.test(text));
  const chosen = errors.length > 0 ? [...new Set(errors)] : lines.filter((line) => line !== '').slice(-3);
  return chosen.join('; ').slice(0, longest);
}

/** Of an error of a command (Pulumi's `CommandError`: code, stdout, stderr in its message; execa's `stderr`); else null. */
export function commandErrors(error: unknown, message: string): string | null {
  const stderr =
    typeof error === 'object' && error !== null ? (error as Record<string, unknown>).stderr : undefined;
  const printed =
    typeof stderr === 'string' && stderr.trim() !== '' ? stderr : /\bstderr: ([\s\S]*)/.exec(message)?.[1];
  return printed === undefined ? null : diagnostics(printed.trim() === '' ? message : printed);
}
