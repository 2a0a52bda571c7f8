/** What a decision predicts, as a window of bins ahead, and its outcome. */

/** The highest count in bins `from` … `to` ahead, both included; 0 is the bin that starts at the decision. */
export interface TargetWindow {
  readonly from: number;
  readonly to: number;
}

/** The peak over the lead window: the bin that starts now and the `leadBins` after it. */
export const peakWindow = (leadBins: number): TargetWindow => ({ from: 0, to: leadBins });

/** The single bin `horizonBins` ahead; 1 is the bin that starts now. */
export const horizonWindow = (horizonBins: number): TargetWindow => ({
  from: horizonBins - 1,
  to: horizonBins - 1,
});

/**
 * The highest measured count of the window that starts at bin `index`; NaN where less than half of it was measured or
 * it reaches past the end.
 */
export function actualOf(counts: Float64Array, index: number, { from, to }: TargetWindow): number {
  if (index + to >= counts.length || index + from < 0) return Number.NaN;
  let highest = Number.NEGATIVE_INFINITY;
  let measured = 0;
  for (let bin = index + from; bin <= index + to; bin++) {
    const count = counts[bin]!;
    if (Number.isNaN(count)) continue;
    measured++;
    if (count > highest) highest = count;
  }
  return 2 * measured >= to - from + 1 && measured > 0 ? highest : Number.NaN;
}
