/** When the loop looks next. Times are computed from the bin grid, never from the last tick, so ticks don't drift. */

/** How long after a bin is complete at its source its counts are expected to be stored, ms. */
export function settleMs(binMs: number): number {
  return Math.min(2_000, Math.max(50, Math.round(binMs * 0.05)));
}

export interface NextLook {
  readonly atMs: number;
  /** A tick runs the whole path; a check only verifies, in the middle of a bin. */
  readonly kind: 'tick' | 'check';
}

/**
 * The next look after `nowMs`, when the last tick was for the bin that began at `lastTickMs` (null before the first).
 * `checked`: the check of this bin is done. `sourceMs`: how long after its end a bin is complete at its source.
 */
export function nextLook(
  nowMs: number,
  binMs: number,
  lastTickMs: number | null,
  checked: boolean,
  sourceMs = 0,
): NextLook {
  const binStartMs = Math.floor(nowMs / binMs) * binMs;
  const settle = sourceMs + settleMs(binMs);
  if (lastTickMs === null || lastTickMs < binStartMs)
    return { atMs: Math.max(nowMs, binStartMs + settle), kind: 'tick' };
  const checkMs = binStartMs + Math.round(binMs / 2);
  if (!checked && nowMs <= checkMs) return { atMs: checkMs, kind: 'check' };
  return { atMs: binStartMs + binMs + settle, kind: 'tick' };
}

/** Bins between the last tick and this one that nobody looked at. */
export function skippedBins(tickMs: number, binMs: number, lastTickMs: number | null): number {
  return lastTickMs === null ? 0 : Math.max(0, Math.round((tickMs - lastTickMs) / binMs) - 1);
}
