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

/** How many of the largest values are not used one by one. */
const tailRanks = 5;

/** Where the upper tenth of an ascending sample begins: it tells how fast the tail falls. */
function tailStart(count: number): number {
  return Math.max(0, count - Math.max(tailRanks, Math.ceil(count / 10)));
}

/** Between order statistics at a 0-based position. */
function between(sorted: ArrayLike<number>, position: number): number {
  const below = Math.max(0, Math.floor(position));
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low + (high - low) * Math.max(0, position - below);
}

/**
 * Quantile of a sample as a forecast of the next value: the rank is p·(n + 1), as in split conformal prediction
 * (Vovk et al. 2005), and above the fifth largest value the tail is exponential with the mean excess of the upper tenth,
 * so that probabilities beyond 1 − 1 ÷ n have an answer. NaN when empty.
 */
export function predictiveQuantile(sorted: ArrayLike<number>, probability: number): number {
  const count = sorted.length;
  if (count === 0) return Number.NaN;
  const position = probability * (count + 1) - 1;
  const anchor = Math.max(0, count - tailRanks);
  if (position <= anchor) return between(sorted, position);
  const first = tailStart(count);
  let excess = 0;
  for (let index = first; index < count; index++) excess += sorted[index]! - sorted[first]!;
  const mean = excess / (count - first);
  // Within the last ranks the largest values themselves bound the fitted tail from below at their own rank.
  const tail = sorted[anchor]! + mean * Math.log((count - anchor) / ((count + 1) * (1 - probability)));
  return position >= count - 1 ? Math.max(tail, sorted[count - 1]!) : between(sorted, position);
}

/** How many of the largest values a fitted heavy tail replaces: at most this many, and at most one in thirty. */
const mostHeavyRanks = 20;
const heavyShare = 1 / 30;

/**
 * As `predictiveQuantile`, for values in a unit of their own size whose tail is heavy: above the twentieth largest (of
 * few, the thirtieth part) it falls as a power (Weissman 1978) with the exponent of Hill (1975) over the upper tenth, at
 * most 1. The largest values come in bunches, since forecasts of overlapping windows miss together, so they are not
 * taken one by one. Where the upper tenth reaches zero: as `predictiveQuantile`.
 */
export function heavyTailedQuantile(sorted: ArrayLike<number>, probability: number): number {
  const count = sorted.length;
  const position = probability * (count + 1) - 1;
  const ranks = Math.min(mostHeavyRanks, Math.max(tailRanks, Math.ceil(count * heavyShare)));
  const anchor = Math.max(0, count - ranks);
  const first = tailStart(count);
  if (position <= anchor || !(sorted[first]! > 0)) return predictiveQuantile(sorted, probability);
  let sum = 0;
  for (let index = first; index < count; index++) sum += Math.log(sorted[index]! / sorted[first]!);
  const exponent = Math.min(1, sum / (count - first));
  return sorted[anchor]! * ((count - anchor) / ((count + 1) * (1 - probability))) ** exponent;
}
