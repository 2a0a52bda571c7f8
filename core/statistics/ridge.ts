/** Weighted rows and targets → the coefficients of a ridge regression (Hoerl and Kennard 1970), by normal equations. */

/** Sums of a regression; rows are added one by one, so that they need not be kept. */
export class RidgeSums {
  /** Row-major, the targets' column last. */
  private readonly sums: Float64Array;
  rows = 0;

  constructor(readonly size: number) {
    this.sums = new Float64Array(size * (size + 1));
  }

  add(row: Float64Array, target: number, weight: number): void {
    const { size, sums } = this;
    const width = size + 1;
    for (let i = 0; i < size; i++) {
      const scaled = weight * row[i]!;
      if (scaled === 0) continue;
      for (let j = i; j < size; j++) sums[i * width + j]! += scaled * row[j]!;
      sums[i * width + size]! += scaled * target;
    }
    this.rows++;
  }

  /**
   * Coefficients with `ridge` added to the diagonal in units of its own mean per row: one row's worth of doubt for each
   * column, whatever its scale. A column of zeros gets 0. Gauss–Jordan on the symmetric sums.
   */
  solve(ridge: number): Float64Array {
    const { size } = this;
    const width = size + 1;
    const work = this.sums.slice();
    for (let i = 0; i < size; i++) for (let j = 0; j < i; j++) work[i * width + j] = work[j * width + i]!;
    for (let i = 0; i < size; i++)
      work[i * width + i]! += (ridge * work[i * width + i]!) / Math.max(1, this.rows) + 1e-9;
    for (let pivot = 0; pivot < size; pivot++) {
      const scale = work[pivot * width + pivot]!;
      for (let j = pivot; j < width; j++) work[pivot * width + j]! /= scale;
      for (let i = 0; i < size; i++) {
        const factor = work[i * width + pivot]!;
        if (i === pivot || factor === 0) continue;
        for (let j = pivot; j < width; j++) work[i * width + j]! -= factor * work[pivot * width + j]!;
      }
    }
    return Float64Array.from({ length: size }, (_, i) => work[i * width + size]!);
  }
}

/** Σ row · coefficients. */
export function dot(row: Float64Array, coefficients: ArrayLike<number>): number {
  let sum = 0;
  for (let index = 0; index < row.length; index++) sum += row[index]! * coefficients[index]!;
  return sum;
}
