/**
 * Counts of a trace → whole requests to send: one factor per category; fractions are carried over so that no request
 * is lost.
 */
import { PamError } from '../../core/errors';

/** The factor that makes the highest of `counts` equal `peakPerBin` requests. Throws INVALID_DATA without demand. */
export function peakFactor(counts: ArrayLike<number>, peakPerBin: number): number {
  let peak = 0;
  for (let index = 0; index < counts.length; index++) {
    const count = counts[index];
    if (count !== undefined && count > peak) peak = count;
  }
  if (peak <= 0)
    throw new PamError('INVALID_DATA', 'the window to play has no requests; expected another "from"');
  return peakPerBin / peak;
}

/**
 * Whole requests per bin whose running sum always differs from the scaled one by less than 1: what a bin rounds away,
 * the next ones send. `start` in [0, 1) is the first carry. A missing bin (NaN) sends nothing.
 */
export function wholeCounts(counts: ArrayLike<number>, factor: number, start = 0.5): number[] {
  let carry = start;
  return Array.from(counts, (count) => {
    if (Number.isNaN(count)) return 0;
    const due = count * factor + carry;
    const whole = Math.floor(due + 1e-9);
    carry = Math.max(0, due - whole);
    return whole;
  });
}

/**
 * When each of `count` requests of a bin arrives, ms after its start, ascending. `even` draws one instant in each
 * of `count` equal slots (many independent clients behind a balancer); `poisson` draws all from the whole bin.
 */
export function arrivalOffsets(
  count: number,
  binMs: number,
  spread: 'even' | 'poisson',
  random: () => number,
): number[] {
  if (spread === 'even')
    return Array.from({ length: count }, (_, slot) => ((slot + random()) * binMs) / count);
  return Array.from({ length: count }, () => random() * binMs).sort((a, b) => a - b);
}
