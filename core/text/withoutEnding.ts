/** `/api//` without `/` at its end → `/api`. In one pass: the expression `/+$` takes quadratic time. */
export function withoutEnding(text: string, sign: string): string {
  let end = text.length;
  while (end > 0 && text[end - 1] === sign) end--;
  return text.slice(0, end);
}
