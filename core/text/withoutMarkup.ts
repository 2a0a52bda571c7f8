/** HTML or XML → its words, in one pass: an expression such as `<[^>]*>` takes quadratic time for many `<` without `>`. */
export function withoutMarkup(html: string): string {
  const parts: string[] = [];
  let from = 0;
  for (let open = html.indexOf('<'); open >= 0; open = html.indexOf('<', from)) {
    const close = html.indexOf('>', open);
    // What is not closed is text.
    if (close < 0) break;
    parts.push(html.slice(from, open));
    from = close + 1;
  }
  parts.push(html.slice(from));
  return parts.join(' ').replaceAll('&nbsp;', ' ').replace(/\s+/g, ' ').trim();
}
