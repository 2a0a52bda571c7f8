/**
 * The settings of a category and the latest review of its scale-down hold → the hold that is in force. Light, since
 * workflows use it; the review itself is in holdChoice.ts.
 */
import { durationInWords } from '../time/durationWords';
import { defaultScaleDownHoldMs } from './plan';

/** Among these it is chosen, ms, ascending; 0: nodes are given up at once. */
export const scaleDownHoldsMs: readonly number[] = [0, 120_000, 300_000, 600_000];

/** Most bins of a hold that is chosen: of so many decisions a category remembers what they required. */
export const longestHoldBins = 120;

/** The settings of a category that its hold hangs on. */
export interface HoldSettings {
  /** As its owner wants it; `auto`: chosen. */
  readonly scaleDownHoldMs: number | 'auto';
  readonly binMs: number;
}

/** What a review came to: the hold, ms, under bins of `binMs`. */
export interface HoldReview {
  readonly holdMs: number;
  readonly binMs: number;
}

/** The review, where it counts under these settings; null where it is void, or there was none. */
export function countingReview<T extends HoldReview>(settings: HoldSettings, review: T | null): T | null {
  return review !== null && settings.scaleDownHoldMs === 'auto' && review.binMs === settings.binMs
    ? review
    : null;
}

/** The hold in force, ms. */
export function holdMsInUse(settings: HoldSettings, review: HoldReview | null): number {
  if (settings.scaleDownHoldMs !== 'auto') return settings.scaleDownHoldMs;
  return countingReview(settings, review)?.holdMs ?? defaultScaleDownHoldMs;
}

/** The longest hold that may come into force under these settings, ms. */
export function longestHoldMs({ scaleDownHoldMs }: HoldSettings): number {
  return scaleDownHoldMs === 'auto' ? scaleDownHoldsMs.at(-1)! : scaleDownHoldMs;
}

/** Bins of a hold, the one that is decided for among them: a hold of one bin is none. */
export function holdBinsOf(holdMs: number, binMs: number): number {
  return Math.max(1, Math.ceil(holdMs / binMs - 1e-9));
}

/** `none`, `30 s`, `2 min`. */
export function holdInWords(holdMs: number): string {
  return holdMs === 0 ? 'none' : durationInWords(holdMs);
}
