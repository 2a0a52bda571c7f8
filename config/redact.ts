/** Anything printable → the same without the passwords in its URLs. */

/** Replaces `user:password@` in every URL of the value by `user:***@`, and secrets in a URL's query. */
export function redact<T>(value: T): T {
  if (typeof value === 'string') return redactText(value) as T;
  if (Array.isArray(value)) return value.map(redact) as T;
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, redact(inner)])) as T;
  return value;
}

function redactText(text: string): string {
  return text
    .replace(/([a-z][a-z0-9+.-]{0,30}:\/\/[^\s:/?#]*):[^\s/?#]*@/gi, '$1:***@')
    .replace(/([?&](?:password|secret|token|key)=)[^&#\s]+/gi, '$1***');
}
