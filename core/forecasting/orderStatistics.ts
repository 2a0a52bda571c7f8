/** Numbers → their quantiles, by selection in place or from sorted arrays. */

/**
 * The element of rank `rank` (0-based, ascending) among `values[0..length)`, by Hoare's quickselect; reorders `values`.
 * NaN-free input is the caller's duty.
 */
export function selectInPlace(values: Float64Array, length: number, rank: number): number {
  let low = 0;
  let high = length - 1;
  while (low < high) {
    const pivot = values[(low + high) >> 1]!;
    let left = low;
    let right = high;
    while (left <= right) {
      while (values[left]! < pivot) left++;
      while (values[right]! > pivot) right--;
      if (left <= right) {
        const swapped = values[left]!;
        values[left] = values[right]!;
        values[right] = swapped;
        left++;
        right--;
      }
    }
    if (rank <= right) high = right;
    else if (rank >= left) low = left;
    else break;
  }
  return values[rank]!;
}

/** Quantile of ascending `sorted` at `probability`, interpolated between order statistics (type 7); NaN when empty. */
export function quantileOfSorted(sorted: ArrayLike<number>, probability: number): number {
  if (sorted.length === 0) return Number.NaN;
  const position = Math.min(Math.max(probability, 0), 1) * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low + (high - low) * (position - below);
}

/** Quantile of unsorted finite numbers; NaN when there are none. */
export function quantileOf(values: ArrayLike<number>, probability: number): number {
  return quantileOfSorted(Float64Array.from(values).sort(), probability);
}

/** Order statistics above the last trusted one; beyond it the tail is taken as exponential. */
const tailRanks = 5;

/**
 * Quantile of a sample as a forecast of the next value: the rank is p·(n + 1), as in split conformal prediction
 * (Vovk et al. 2005), and above the fifth largest value the tail is exponential with the mean excess of the upper tenth
 * (Weissman 1978, on logarithms), so that probabilities beyond 1 − 1 ÷ n have an answer. NaN when empty.
 */
export function predictiveQuantile(sorted: ArrayLike<number>, probability: number): number {
  const count = sorted.length;
  if (count === 0) return Number.NaN;
  const position = probability * (count + 1) - 1;
  const anchor = Math.max(0, count - tailRanks);
  if (position <= anchor) {
    const below = Math.max(0, Math.floor(position));
    const low = sorted[below]!;
    const high = sorted[Math.min(below + 1, count - 1)]!;
    return low + (high - low) * Math.max(0, position - below);
  }
  const first = Math.max(0, count - Math.max(tailRanks, Math.ceil(count / 10)));
  let excess = 0;
  for (let index = first; index < count; index++) excess += sorted[index]! - sorted[first]!;
  const mean = excess / (count - first);
  // Within the last ranks the largest values themselves bound the fitted tail from below at their own rank.
  const tail = sorted[anchor]! + mean * Math.log((count - anchor) / ((count + 1) * (1 - probability)));
  if (position >= count - 1) return Math.max(tail, sorted[count - 1]!);
  const below = Math.floor(position);
  return sorted[below]! + (sorted[below + 1]! - sorted[below]!) * (position - below);
}
