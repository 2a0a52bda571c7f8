/**
 * Values → Markdown that shows them and does nothing else: no link, no image, no HTML, no emphasis. For what the Temporal
 * UI renders (details, summaries): names of events and error texts come from feeds.
 */
import { redactText } from './redact';
import { visibleLine } from './visible';

/** Characters that begin or end something in CommonMark or GitHub's Markdown, wherever they stand. */
const markup = /[\\`*_~[\]<>&|#!]/g;

/** What GitHub's Markdown turns into a link by itself, after escapes have been resolved: made unrecognizable. */
const selfLinked = /:\/\/|www\.|@/gi;

/** Text as it is, within a sentence of Markdown. */
export function markdownText(text: string): string {
  return visibleLine(text)
    .replace(selfLinked, (found) => (found === '@' ? '[@]' : `${found.slice(0, -1)}[${found.slice(-1)}]`))
    .replace(markup, '\\$&');
}

/** What `markdownText` escaped, for a reader that renders no Markdown. */
export function plainText(escaped: string): string {
  return escaped.replace(/\\(.)/g, '$1').replace(/\[(@|\.|\/)\]/g, '$1');
}

/** Text as code: `` `…` ``. */
export function markdownCode(text: string): string {
  return `\`${visibleLine(text).replaceAll('`', "'")}\``;
}

/**
 * The address or file of a feed, without its secrets: as it is where it can only be an address, so that a page links to it;
 * else as code.
 */
export function markdownAddress(address: string): string {
  const shown = redactText(address);
  return /^[\w./:?=&%+,;~*-]+$/.test(shown) ? shown : markdownCode(shown);
}

/** A template whose values are escaped; what stands in the template itself is Markdown. */
export function markdown(strings: TemplateStringsArray, ...values: readonly (string | number)[]): string {
  let made = strings[0] ?? '';
  values.forEach((value, index) => {
    made += markdownText(String(value)) + (strings[index + 1] ?? '');
  });
  return made;
}
