/**
 * Whatever was thrown → its message and code. By shape, not by class: an error of Node's own modules is no `Error` of
 * the realm that Jest runs tests in, and a library may throw anything.
 */

export function messageOf(error: unknown): string {
  const message = fieldOf(error, 'message');
  return typeof message === 'string' && message !== '' ? message : String(error);
}

/** Such as `ENOENT` from the operating system; empty without one. */
export function codeOf(error: unknown): string {
  const code = fieldOf(error, 'code');
  return typeof code === 'string' ? code : '';
}

export const hasCode = (error: unknown, code: string): boolean => codeOf(error) === code;

function fieldOf(error: unknown, name: string): unknown {
  return typeof error === 'object' && error !== null ? (error as Record<string, unknown>)[name] : undefined;
}
