/** Text that a program wrote → one bounded line without control characters and passwords in addresses, fit for a message. */
import { stripVTControlCharacters } from 'node:util';

const password = /(:\/\/[^\s:/?#@]{0,100}):[^\s/?#@]{1,200}@/g;

/** @param longest characters that are kept, from the end. */
export function plainLine(text: string, longest = 400): string {
  const plain = stripVTControlCharacters(text)
    .replace(/\p{Cc}|\p{Cf}|[\u2028\u2029]/gu, ' ')
    .replace(password, '$1:***@')
    .trim();
  return plain.length > longest ? `…${plain.slice(1 - longest)}` : plain;
}
