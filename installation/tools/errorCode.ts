/** An error of the operating system or of a library enters, whether it has that code leaves. */

/** By shape, not by class: an error of Node's own modules is no `Error` of the realm that Jest runs tests in. */
export function hasCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}
