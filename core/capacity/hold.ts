/**
 * The settings of a category and the latest review of its scale-down hold → the hold that is in force. Light, since
 * workflows use it; the review itself is in holdChoice.ts.
 */
import { durationInWords } from '../time/durationWords';
import { defaultScaleDownHoldMs } from './plan';

/** The scale-down holds to choose from, ms, ascending; 0: nodes are given up at once. */
export const scaleDownHoldsMs: readonly number[] = [0, 120_000, 300_000, 600_000];

/** Longest hold that may be chosen, in bins: a category remembers what this many decisions required. */
export const longestHoldBins = 120;

/** The settings of a category that decide its scale-down hold. */
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

/** The review if it counts under these settings; null if it does not, or there was none. */
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

/** Bins of a hold, including the bin of the decision: a hold of one bin holds nothing. */
export function holdBinsOf(holdMs: number, binMs: number): number {
  return Math.max(1, Math.ceil(holdMs / binMs - 1e-9));
}

/** `none`, `30 s`, `2 min`. */
export function holdInWords(holdMs: number): string {
  return holdMs === 0 ? 'none' : durationInWords(holdMs);
}
