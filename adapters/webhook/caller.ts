/** Who may push what: a token is bound to a source, and to the categories and news feeds that it may touch. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { PamError } from '../../core/errors';
import { coversName } from '../../core/policy/patterns';

export interface Caller {
  /** The source of its events. It withdraws no other source's. */
  readonly source: string;
  readonly token: string;
  /** Names, or beginnings of names such as `shop-*`. */
  readonly categories: readonly string[];
  /** News feeds whose rules it may apply to items, in the same form. */
  readonly feeds: readonly string[];
  /** Pushes a minute, and at once. */
  readonly perMinute: number;
}

export const leastTokenLength = 16;

/** Throws PamError INVALID_CONFIG for a token that is easy to guess, or that two callers share. */
export function requireStrongTokens(callers: readonly Caller[]): void {
  for (const { source, token } of callers)
    if (token.length < leastTokenLength)
      throw new PamError(
        'INVALID_CONFIG',
        `token of "${source}": expected at least ${leastTokenLength} characters, such as those of "openssl rand -hex 24"`,
      );
  if (new Set(callers.map(({ token }) => token)).size < callers.length)
    throw new PamError('INVALID_CONFIG', 'two callers have the same token: expected one for each');
}

/** Compares digests with every token, so that the time taken reveals neither content nor length nor which one. */
export function callerOf(authorization: string, callers: readonly Caller[]): Caller | null {
  const given = digest(/^Bearer (\S+)$/i.exec(authorization)?.[1] ?? '');
  let found: Caller | null = null;
  for (const caller of callers) if (timingSafeEqual(given, digest(caller.token))) found = caller;
  return found;
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** The categories among `names` that the caller may not touch. */
export function foreignCategories({ categories }: Caller, names: readonly string[]): string[] {
  return names.filter((name) => !categories.some((pattern) => coversName(pattern, name)));
}
