/** Text → HTML that contains only what was meant, and the numbers of the page. */
import { rounded } from '../../core/text/figures';
import { visibleText } from '../../core/text/visible';

/** Markup that is safe in the page. */
export interface Html {
  readonly html: string;
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escapeHtml = (text: string): string =>
  visibleText(text).replace(/[&<>"']/g, (found) => escapes[found]!);

type Part = Html | string | number | readonly Html[];

function isMany(part: Part): part is readonly Html[] {
  return Array.isArray(part);
}

/** A template whose values are escaped unless they are `Html` already. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  let made = strings[0] ?? '';
  parts.forEach((part, index) => {
    if (isMany(part)) made += part.map((one) => one.html).join('');
    else if (typeof part === 'object') made += (part as Html).html;
    else made += escapeHtml(String(part));
    made += strings[index + 1] ?? '';
  });
  return { html: made };
}

/** Three significant digits, thousands separated. */
export function figure(value: number): string {
  if (Math.abs(value) >= 1_000) return Math.round(value).toLocaleString('en-US');
  return rounded(value);
}
