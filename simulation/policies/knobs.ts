/** The knobs that rivals are tuned by in hindsight, with their names in files and figures. */

/** Utilization targets, 0.10 to 0.98; dense where users usually set them. */
export const targets: readonly number[] = [
  0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.74, 0.78, 0.82, 0.86, 0.9, 0.94,
  0.98,
];

/** Factors on the demand that is expected. */
export const factors: readonly number[] = [0.8, 0.9, 1, 1.1, 1.2, 1.35, 1.5, 1.75, 2, 2.5, 3.2, 4, 6, 10];

/** Shares of the highest evaluated count; a fixed pool is sized for one. */
export const shares: readonly number[] = [0.5, 0.6, 0.7, 0.8, 0.9, 1];

/** The last measured bin before now, at most `reach` bins back; null without one. */
export function lastMeasured(counts: Float64Array, reach = counts.length): number | null {
  for (let index = counts.length - 1; index >= Math.max(0, counts.length - reach); index--) {
    const count = counts[index]!;
    if (!Number.isNaN(count)) return count;
  }
  return null;
}
