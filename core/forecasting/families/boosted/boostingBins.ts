/** A matrix of features → at most 63 quantile bins a feature plus one for missing values, so that splits are counted. */
import { quantileOfSorted } from '../../../statistics/orderStatistics';

/** Codes of a feature: 0 = missing, 1 … 63 = bins in ascending order. */
const mostEdges = 62;
/** Rows a bin where rows are few: finer bins would only cost time. */
const fewestPerBin = 25;
/** Rows from which the edges are taken. */
const edgeSample = 4_000;

export interface BinnedMatrix {
  readonly rows: number;
  readonly features: number;
  /** Code of row r, feature f at f · rows + r. */
  readonly codes: Uint8Array;
  /** Upper edges per feature, ascending 32-bit floats: code k + 1 holds values in (edge[k − 1], edge[k]]. */
  readonly edges: readonly Float64Array[];
}

/** `values` row by row: row r, feature f at r · features + f; NaN = missing. */
export function binMatrix(values: Float64Array, rows: number, features: number): BinnedMatrix {
  const codes = new Uint8Array(rows * features);
  const edges: Float64Array[] = [];
  for (let feature = 0; feature < features; feature++) {
    const found = edgesOf(values, rows, features, feature);
    edges.push(found);
    for (let row = 0; row < rows; row++) {
      const value = values[row * features + feature]!;
      if (!Number.isNaN(value)) codes[feature * rows + row] = 1 + firstAtLeast(found, value);
    }
  }
  return { rows, features, codes, edges };
}

function edgesOf(values: Float64Array, rows: number, features: number, feature: number): Float64Array {
  const step = Math.max(1, Math.floor(rows / edgeSample));
  const sample: number[] = [];
  for (let row = 0; row < rows; row += step) {
    const value = values[row * features + feature]!;
    if (!Number.isNaN(value)) sample.push(value);
  }
  const sorted = Float64Array.from(sample).sort();
  const edges: number[] = [];
  const wanted = Math.min(mostEdges, Math.max(8, Math.floor(rows / fewestPerBin)));
  for (let edge = 1; edge <= wanted; edge++) {
    // Rounded to what a stored model keeps, so that a loaded model splits exactly as the fitted one.
    const value = Math.fround(quantileOfSorted(sorted, edge / (wanted + 1)));
    if (!Number.isNaN(value) && (edges.length === 0 || value > edges.at(-1)!)) edges.push(value);
  }
  return Float64Array.from(edges);
}

/** How many edges are below `value`. */
function firstAtLeast(edges: Float64Array, value: number): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (edges[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
