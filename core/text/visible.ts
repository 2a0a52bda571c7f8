/**
 * Text from anywhere → the same text without characters that a reader does not see as such. Escapes, carriage returns
 * and bidirectional overrides let a name rewrite a terminal, forge a line or show another text than it has.
 *
 * An escape is written as JSON has it (`\u001b`), so JSON that passes through stays JSON with the same values.
 */

/**
 * Control characters (C0, DEL, C1), lone surrogates, line and paragraph separators, bidirectional controls, and
 * characters without a shape. Joiners (U+200C, U+200D) stay: words and emoji need them.
 */
const unseen =
  /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e0fff}]/gu;

/** One line: a newline or tab becomes visible as well. For a cell, a name, a message within a line. */
export function visibleLine(text: string): string {
  return text.replace(unseen, escaped);
}

/** Many lines: newlines and tabs stay. For whole outputs. */
export function visibleText(text: string): string {
  return text.replace(unseen, (found) => (found === '\n' || found === '\t' ? found : escaped(found)));
}

function escaped(character: string): string {
  if (character === '\n') return '\\n';
  if (character === '\t') return '\\t';
  if (character === '\r') return '\\r';
  let written = '';
  for (let at = 0; at < character.length; at++)
    written += `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`;
  return written;
}
