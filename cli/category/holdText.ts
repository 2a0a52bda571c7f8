/** The scale-down hold that is planned with, and why → a sentence for people. */
import { holdInWords } from '../../core/capacity/hold';
import type { HoldSummary } from '../../workflows/contracts';
import { ago } from '../text/time';

/** `atMs`: "ago" counts from here. */
export function holdText({ ms, by, reviewedMs, reason }: HoldSummary, atMs: number): string {
  const reviewed = by === 'review' && reviewedMs !== null ? `, chosen ${ago(atMs - reviewedMs)}` : '';
  return `${holdInWords(ms)}${reviewed}: ${reason}`;
}
