/**
 * How much is read of one document from outside. A feed is written by a stranger: whatever it says, reading it ends, in
 * bounded memory.
 */
import { PamError } from '../errors';

export interface ReadingLimits {
  /** Events within the window, over all categories. */
  readonly events: number;
  /** Occurrences of one event within the window, and its exceptions. */
  readonly occurrences: number;
  /** Events, items or rows, in the window or not. */
  readonly entries: number;
  /** Steps that the rules of a document take from one date to the next: a million takes a second or two. */
  readonly steps: number;
}

export const readingLimits: ReadingLimits = {
  events: 20_000,
  occurrences: 20_000,
  entries: 100_000,
  steps: 1_000_000,
};

/** The document is refused as a whole: what only a part of it names would count as called off. */
export class LimitExceeded extends PamError {
  constructor(message: string) {
    super('INVALID_DATA', message);
  }
}

/** Throws LimitExceeded, which names the limit. `what` is counted: `occurrences in the window`. */
export function requireWithin(
  limits: ReadingLimits,
  limit: keyof ReadingLimits,
  count: number,
  what: string,
): void {
  if (count > limits[limit])
    throw new LimitExceeded(`has more than ${limits[limit]} ${what} (limit: ${limit})`);
}
