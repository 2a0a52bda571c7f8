/**
 * Features and targets → an ensemble of trees for one conditional quantile: gradient boosting of the pinball loss
 * (Friedman 2001, "Greedy function approximation", with leaves set to the quantile of their residuals), on histograms as
 * in LightGBM (Ke et al. 2017).
 */

import { quantileOf, selectInPlace } from '../../../statistics/orderStatistics';
import { seededRandom } from '../../../statistics/random';
import type { BinnedMatrix } from './boostingBins';
import { QuantileTrees } from './quantileTrees';

export interface BoostingOptions {
  readonly probability: number;
  readonly trees: number;
  readonly depth: number;
  readonly learningRate: number;
  /** Shares of the rows and of the features that each tree sees. */
  readonly rowShare: number;
  readonly featureShare: number;
  /** Fewest rows in a leaf. */
  readonly leafRows: number;
  /** Rows by which a leaf's value is pulled towards zero. */
  readonly shrinkRows: number;
  readonly seed: number;
}

/** `rows`: which rows of the matrix to learn from; `targets` has one for every row of the matrix. */
export function fitQuantileTrees(
  matrix: BinnedMatrix,
  targets: Float64Array,
  rows: Int32Array,
  options: BoostingOptions,
): QuantileTrees {
  const initial = quantileOf(
    Float64Array.from(rows, (row) => targets[row]!),
    options.probability,
  );
  return new TreeGrower(matrix, targets, rows, initial, options).grow();
}

interface Split {
  readonly feature: number;
  readonly code: number;
  readonly missingLeft: boolean;
  readonly gain: number;
}

/**
 * A cell of a histogram counts rows in its lower bits and, above them, those whose target is below the present
 * prediction: one addition does both.
 */
const belowShift = 15;
const belowUnit = 1 << belowShift;

class TreeGrower {
  private readonly roots: number[] = [];
  private readonly feature: number[] = [];
  private readonly threshold: number[] = [];
  private readonly left: number[] = [];
  private readonly missingLeft: number[] = [];
  private readonly predictions: Float64Array;
  /** What a row adds to a histogram's cell: see `belowUnit`. */
  private readonly tally: Int32Array;
  /** Rows that the tree learns from, and other rows that only get its values; nodes are ranges of both. */
  private readonly sampled: Int32Array;
  private readonly others: Int32Array;
  private readonly swap: Int32Array;
  /** Tallies of a node's rows, in their order. */
  private readonly ordered: Int32Array;
  private readonly residuals: Float64Array;
  private readonly random: () => number;
  private columns: number[] = [];
  /** Cells of a feature in a histogram, one a code. */
  private readonly cells: number;
  /** Histograms to reuse: tallies per feature and code. */
  private readonly spare: Int32Array[] = [];

  constructor(
    private readonly matrix: BinnedMatrix,
    private readonly targets: Float64Array,
    private readonly rows: Int32Array,
    private readonly initial: number,
    private readonly options: BoostingOptions,
  ) {
    this.predictions = new Float64Array(matrix.rows).fill(initial);
    if (rows.length >= belowUnit) throw new Error(`at most ${belowUnit - 1} rows can be learned from`);
    this.tally = new Int32Array(matrix.rows);
    this.sampled = new Int32Array(rows.length);
    this.others = new Int32Array(rows.length);
    this.ordered = new Int32Array(rows.length);
    this.swap = new Int32Array(rows.length);
    this.residuals = new Float64Array(rows.length);
    this.random = seededRandom(options.seed);
    this.cells = 2 + matrix.edges.reduce((most, { length }) => Math.max(most, length), 0);
  }

  grow(): QuantileTrees {
    for (let tree = 0; tree < this.options.trees; tree++) this.growTree();
    return new QuantileTrees(this.initial, {
      roots: this.roots,
      feature: Int16Array.from(this.feature),
      threshold: Float32Array.from(this.threshold),
      left: Int32Array.from(this.left),
      missingLeft: Uint8Array.from(this.missingLeft),
    });
  }

  private growTree(): void {
    const { rowShare, featureShare } = this.options;
    let count = 0;
    let left = 0;
    const { rows, tally, targets, predictions, sampled, others, random } = this;
    for (let index = 0; index < rows.length; index++) {
      const row = rows[index]!;
      // The sign of the pinball loss's gradient.
      tally[row] = targets[row]! < predictions[row]! ? 1 + belowUnit : 1;
      if (random() < rowShare) sampled[count++] = row;
      else others[left++] = row;
    }
    this.columns = [];
    for (let feature = 0; feature < this.matrix.features; feature++)
      if (this.matrix.edges[feature]!.length > 0 && this.random() < featureShare) this.columns.push(feature);
    const root = this.newNode();
    this.roots.push(root);
    const histogram = this.takeHistogram();
    this.fillHistogram(histogram, 0, count);
    this.growNode(root, 0, count, 0, left, 0, count >= 2 * this.options.leafRows ? histogram : null);
  }

  /**
   * Grows below `node`, whose rows are sampled[from, to) and others[otherFrom, otherTo); gives its histogram back, null
   * for what can't be split.
   */
  private growNode(
    node: number,
    from: number,
    to: number,
    otherFrom: number,
    otherTo: number,
    depth: number,
    histogram: Int32Array | null,
  ): void {
    const split = histogram === null ? null : this.bestSplit(histogram, from, to);
    if (histogram === null || split === null) {
      const value = this.leafOf(from, to);
      this.threshold[node] = value;
      for (let index = from; index < to; index++) this.predictions[this.sampled[index]!]! += value;
      for (let index = otherFrom; index < otherTo; index++) this.predictions[this.others[index]!]! += value;
      if (histogram !== null) this.spare.push(histogram);
      return;
    }
    const middle = this.partition(this.sampled, from, to, split);
    const otherMiddle = this.partition(this.others, otherFrom, otherTo, split);
    const left = this.newNode();
    const right = this.newNode();
    this.feature[node] = split.feature;
    this.threshold[node] = this.matrix.edges[split.feature]![split.code - 1]!;
    this.left[node] = left;
    this.missingLeft[node] = split.missingLeft ? 1 : 0;
    const smallIsLeft = middle - from <= to - middle;
    const [smallFrom, smallTo] = smallIsLeft ? [from, middle] : [middle, to];
    const deeper = depth + 1 < this.options.depth;
    const splitsLarge = deeper && to - from - (smallTo - smallFrom) >= 2 * this.options.leafRows;
    const splitsSmall = deeper && smallTo - smallFrom >= 2 * this.options.leafRows;
    let small: Int32Array | null = null;
    if (splitsLarge) {
      // The larger child's histogram is its parent's less its sibling's.
      small = this.takeHistogram();
      this.fillHistogram(small, smallFrom, smallTo);
      const used = this.columns.length * this.cells;
      for (let cell = 0; cell < used; cell++) histogram[cell]! -= small[cell]!;
      if (!splitsSmall) {
        this.spare.push(small);
        small = null;
      }
    } else this.spare.push(histogram);
    const large = splitsLarge ? histogram : null;
    this.growNode(left, from, middle, otherFrom, otherMiddle, depth + 1, smallIsLeft ? small : large);
    this.growNode(right, middle, to, otherMiddle, otherTo, depth + 1, smallIsLeft ? large : small);
  }

  private bestSplit(histogram: Int32Array, from: number, to: number): Split | null {
    const { probability, leafRows } = this.options;
    const rows = to - from;
    let below = 0;
    for (let index = from; index < to; index++) if (this.tally[this.sampled[index]!]! > belowUnit) below++;
    const parent = score(rows, below, probability);
    let best: Split | null = null;
    let bestGain = 1e-9;
    for (let slot = 0; slot < this.columns.length; slot++) {
      const feature = this.columns[slot]!;
      const base = slot * this.cells;
      const edges = this.matrix.edges[feature]!.length;
      const missing = histogram[base]! & (belowUnit - 1);
      const missingBelow = histogram[base]! >> belowShift;
      for (let side = 0; side < (missing > 0 ? 2 : 1); side++) {
        let leftRows = side === 1 ? missing : 0;
        let leftBelow = side === 1 ? missingBelow : 0;
        for (let code = 1; code <= edges; code++) {
          const cell = histogram[base + code]!;
          leftRows += cell & (belowUnit - 1);
          leftBelow += cell >> belowShift;
          const rightRows = rows - leftRows;
          if (leftRows < leafRows) continue;
          if (rightRows < leafRows) break;
          const gain =
            score(leftRows, leftBelow, probability) +
            score(rightRows, below - leftBelow, probability) -
            parent;
          if (gain > bestGain) {
            bestGain = gain;
            best = { feature, code, missingLeft: missing > 0 ? side === 1 : 2 * leftRows >= rows, gain };
          }
        }
      }
    }
    return best;
  }

  /** Reorders list[from, to) so that the left rows come first, order kept; returns where the right ones begin. */
  private partition(
    list: Int32Array,
    from: number,
    to: number,
    { feature, code, missingLeft }: Split,
  ): number {
    const { codes, rows } = this.matrix;
    const { swap } = this;
    const column = feature * rows;
    let left = from;
    let right = 0;
    for (let index = from; index < to; index++) {
      const row = list[index]!;
      const found = codes[column + row]!;
      if (found === 0 ? missingLeft : found <= code) list[left++] = row;
      else swap[right++] = row;
    }
    list.set(swap.subarray(0, right), left);
    return left;
  }

  private leafOf(from: number, to: number): number {
    const { probability, learningRate, shrinkRows } = this.options;
    const count = to - from;
    if (count === 0) return 0;
    for (let index = 0; index < count; index++) {
      const row = this.sampled[from + index]!;
      this.residuals[index] = this.targets[row]! - this.predictions[row]!;
    }
    const rank = Math.min(count - 1, Math.floor(probability * count));
    const quantile = selectInPlace(this.residuals, count, rank);
    return Math.fround(learningRate * quantile * (count / (count + shrinkRows)));
  }

  private fillHistogram(histogram: Int32Array, from: number, to: number): void {
    const { codes, rows } = this.matrix;
    const { sampled, tally, ordered, cells, columns } = this;
    histogram.fill(0, 0, columns.length * cells);
    for (let index = from; index < to; index++) ordered[index] = tally[sampled[index]!]!;
    let slot = 0;
    // Neighbouring rows often fall into the same cell; four features at a time avoid waiting for the same memory.
    for (; slot + 4 <= columns.length; slot += 4) {
      const column1 = columns[slot]! * rows;
      const column2 = columns[slot + 1]! * rows;
      const column3 = columns[slot + 2]! * rows;
      const column4 = columns[slot + 3]! * rows;
      const base = slot * cells;
      for (let index = from; index < to; index++) {
        const row = sampled[index]!;
        const added = ordered[index]!;
        histogram[base + codes[column1 + row]!]! += added;
        histogram[base + cells + codes[column2 + row]!]! += added;
        histogram[base + 2 * cells + codes[column3 + row]!]! += added;
        histogram[base + 3 * cells + codes[column4 + row]!]! += added;
      }
    }
    for (; slot < columns.length; slot++) {
      const column = columns[slot]! * rows;
      const base = slot * cells;
      for (let index = from; index < to; index++)
        histogram[base + codes[column + sampled[index]!]!]! += ordered[index]!;
    }
  }

  private takeHistogram(): Int32Array {
    return this.spare.pop() ?? new Int32Array(this.matrix.features * this.cells);
  }

  private newNode(): number {
    this.feature.push(-1);
    this.threshold.push(0);
    this.left.push(0);
    this.missingLeft.push(0);
    return this.feature.length - 1;
  }
}

/** Squared sum of the gradients ÷ rows: how much of the loss one value for these rows takes away. */
function score(rows: number, below: number, probability: number): number {
  const gradient = probability * rows - below;
  return rows === 0 ? 0 : (gradient * gradient) / rows;
}
