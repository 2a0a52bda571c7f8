/**
 * Features and targets → an ensemble of trees for one conditional quantile: gradient boosting of the pinball loss
 * (Friedman 2001, "Greedy function approximation", with leaves set to the quantile of their residuals), on histograms as
 * in LightGBM (Ke et al. 2017).
 */
import type { BinnedMatrix } from './boostingBins';
import { quantileOf, selectInPlace } from './orderStatistics';
import { QuantileTrees } from './quantileTrees';
import { seededRandom } from './random';

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

class TreeGrower {
  private readonly roots: number[] = [];
  private readonly feature: number[] = [];
  private readonly threshold: number[] = [];
  private readonly left: number[] = [];
  private readonly missingLeft: number[] = [];
  /** The highest code that goes left, for rows that are binned. */
  private readonly splitCode: number[] = [];
  private readonly predictions: Float64Array;
  /** 1 where the target is below the present prediction: the sign of the pinball loss's gradient. */
  private readonly below: Uint8Array;
  private readonly sampled: Int32Array;
  private readonly swap: Int32Array;
  private readonly residuals: Float64Array;
  private readonly random: () => number;
  private columns: number[] = [];
  /** Cells of a feature in a histogram: for each code the rows, and the rows below the present prediction. */
  private readonly cells: number;
  /** Histograms a depth: rows, and rows below, per feature and code. */
  private readonly spare: Int32Array[] = [];

  constructor(
    private readonly matrix: BinnedMatrix,
    private readonly targets: Float64Array,
    private readonly rows: Int32Array,
    private readonly initial: number,
    private readonly options: BoostingOptions,
  ) {
    this.predictions = new Float64Array(matrix.rows).fill(initial);
    this.below = new Uint8Array(matrix.rows);
    this.sampled = new Int32Array(rows.length);
    this.swap = new Int32Array(rows.length);
    this.residuals = new Float64Array(rows.length);
    this.random = seededRandom(options.seed);
    this.cells = 2 * (2 + matrix.edges.reduce((most, { length }) => Math.max(most, length), 0));
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
    const { rows, below, targets, predictions, sampled, random } = this;
    for (let index = 0; index < rows.length; index++) {
      const row = rows[index]!;
      below[row] = targets[row]! < predictions[row]! ? 1 : 0;
      if (random() < rowShare) sampled[count++] = row;
    }
    this.columns = [];
    for (let feature = 0; feature < this.matrix.features; feature++)
      if (this.matrix.edges[feature]!.length > 0 && this.random() < featureShare) this.columns.push(feature);
    const root = this.newNode();
    this.roots.push(root);
    const histogram = this.takeHistogram();
    this.fillHistogram(histogram, 0, count);
    this.growNode(root, 0, count, 0, count >= 2 * this.options.leafRows ? histogram : null);
    for (let index = 0; index < rows.length; index++) {
      const row = rows[index]!;
      predictions[row]! += this.leafValue(root, row);
    }
  }

  /** Grows below `node`, whose rows are sampled[from, to); gives its histogram back, null for what can't be split. */
  private growNode(
    node: number,
    from: number,
    to: number,
    depth: number,
    histogram: Int32Array | null,
  ): void {
    const split = histogram === null ? null : this.bestSplit(histogram, from, to);
    if (histogram === null || split === null) {
      this.threshold[node] = this.leafOf(from, to);
      if (histogram !== null) this.spare.push(histogram);
      return;
    }
    const middle = this.partition(from, to, split);
    const left = this.newNode();
    const right = this.newNode();
    this.feature[node] = split.feature;
    this.threshold[node] = this.matrix.edges[split.feature]![split.code - 1]!;
    this.splitCode[node] = split.code;
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
    this.growNode(left, from, middle, depth + 1, smallIsLeft ? small : large);
    this.growNode(right, middle, to, depth + 1, smallIsLeft ? large : small);
  }

  private bestSplit(histogram: Int32Array, from: number, to: number): Split | null {
    const { probability, leafRows } = this.options;
    const rows = to - from;
    let below = 0;
    for (let index = from; index < to; index++) below += this.below[this.sampled[index]!]!;
    const parent = score(rows, below, probability);
    let best: Split | null = null;
    let bestGain = 1e-9;
    for (let slot = 0; slot < this.columns.length; slot++) {
      const feature = this.columns[slot]!;
      const base = slot * this.cells;
      const edges = this.matrix.edges[feature]!.length;
      const missing = histogram[base]!;
      const missingBelow = histogram[base + 1]!;
      for (let side = 0; side < (missing > 0 ? 2 : 1); side++) {
        let leftRows = side === 1 ? missing : 0;
        let leftBelow = side === 1 ? missingBelow : 0;
        for (let code = 1; code <= edges; code++) {
          leftRows += histogram[base + 2 * code]!;
          leftBelow += histogram[base + 2 * code + 1]!;
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

  /** Reorders sampled[from, to) so that the left rows come first, order kept; returns where the right ones begin. */
  private partition(from: number, to: number, { feature, code, missingLeft }: Split): number {
    const { codes, rows } = this.matrix;
    const column = feature * rows;
    let left = from;
    let right = 0;
    for (let index = from; index < to; index++) {
      const row = this.sampled[index]!;
      const found = codes[column + row]!;
      if (found === 0 ? missingLeft : found <= code) this.sampled[left++] = row;
      else this.swap[right++] = row;
    }
    this.sampled.set(this.swap.subarray(0, right), left);
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

  private leafValue(root: number, row: number): number {
    const { codes, rows } = this.matrix;
    let node = root;
    for (let split = this.feature[node]!; split >= 0; split = this.feature[node]!) {
      const code = codes[split * rows + row]!;
      const goesLeft = code === 0 ? this.missingLeft[node] === 1 : code <= this.splitCode[node]!;
      node = this.left[node]! + (goesLeft ? 0 : 1);
    }
    return this.threshold[node]!;
  }

  private fillHistogram(histogram: Int32Array, from: number, to: number): void {
    const { codes, rows } = this.matrix;
    const { sampled, below } = this;
    histogram.fill(0, 0, this.columns.length * this.cells);
    for (let slot = 0; slot < this.columns.length; slot++) {
      const column = this.columns[slot]! * rows;
      const base = slot * this.cells;
      for (let index = from; index < to; index++) {
        const row = sampled[index]!;
        const cell = base + 2 * codes[column + row]!;
        histogram[cell]!++;
        histogram[cell + 1]! += below[row]!;
      }
    }
  }

  private takeHistogram(): Int32Array {
    return this.spare.pop() ?? new Int32Array(this.matrix.features * this.cells);
  }

  private newNode(): number {
    this.feature.push(-1);
    this.threshold.push(0);
    this.left.push(0);
    this.splitCode.push(0);
    this.missingLeft.push(0);
    return this.feature.length - 1;
  }
}

/** Squared sum of the gradients ÷ rows: how much of the loss one value for these rows takes away. */
function score(rows: number, below: number, probability: number): number {
  const gradient = probability * rows - below;
  return rows === 0 ? 0 : (gradient * gradient) / rows;
}
