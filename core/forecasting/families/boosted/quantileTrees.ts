/** A fitted ensemble of regression trees as flat arrays: a row of features in, one number out; plain data to store. */
import { PamError } from '../../../errors';
import { decodeFloats, encodeFloats } from '../../encoding';
import type { Json } from '../../model';

/** Nodes of all trees, one after another. A leaf has feature −1 and its value in `threshold`. */
export interface TreeNodes {
  readonly roots: readonly number[];
  readonly feature: Int16Array;
  /** Split: values up to it go left. */
  readonly threshold: Float32Array;
  /** Index of the left child; the right one follows it. */
  readonly left: Int32Array;
  /** 1 where a missing value goes left. */
  readonly missingLeft: Uint8Array;
}

export class QuantileTrees {
  constructor(
    private readonly initial: number,
    private readonly nodes: TreeNodes,
  ) {}

  predict(row: Float64Array): number {
    const { roots, feature, threshold, left, missingLeft } = this.nodes;
    let sum = this.initial;
    for (let tree = 0; tree < roots.length; tree++) {
      let node = roots[tree]!;
      for (let split = feature[node]!; split >= 0; split = feature[node]!) {
        const value = row[split]!;
        const goesLeft = Number.isNaN(value) ? missingLeft[node] === 1 : value <= threshold[node]!;
        node = left[node]! + (goesLeft ? 0 : 1);
      }
      sum += threshold[node]!;
    }
    return sum;
  }

  serialize(): Json {
    const { roots, feature, threshold, left, missingLeft } = this.nodes;
    return {
      initial: this.initial,
      roots: encodeFloats(roots),
      feature: encodeFloats(feature),
      threshold: encodeFloats(threshold),
      left: encodeFloats(left.map((child, node) => (missingLeft[node] === 1 ? -child : child))),
    };
  }

  /** Throws PamError INVALID_DATA on what `serialize` did not write. */
  static load(state: Json | undefined, features: number): QuantileTrees {
    if (
      state === null ||
      typeof state !== 'object' ||
      Array.isArray(state) ||
      typeof state.initial !== 'number'
    )
      throw new PamError('INVALID_DATA', 'model state: trees should be an object with a number "initial"');
    const feature = Int16Array.from(decodeFloats(state.feature, 'feature'));
    const threshold = decodeFloats(state.threshold, 'threshold');
    const signed = decodeFloats(state.left, 'left');
    const roots = Array.from(decodeFloats(state.roots, 'roots'));
    const nodes = feature.length;
    const sound =
      threshold.length === nodes &&
      signed.length === nodes &&
      roots.every((root) => root >= 0 && root < nodes) &&
      feature.every(
        (split, node) => split < features && (split < 0 || isChild(Math.abs(signed[node]!), node, nodes)),
      );
    if (!sound) throw new PamError('INVALID_DATA', 'model state: the trees do not fit together; train again');
    return new QuantileTrees(state.initial, {
      roots,
      feature,
      threshold,
      left: Int32Array.from(signed, Math.abs),
      missingLeft: Uint8Array.from(signed, (child) => (child < 0 ? 1 : 0)),
    });
  }
}

/** Children come after their parent, so that walking down ends. */
const isChild = (child: number, parent: number, nodes: number) => child > parent && child + 1 < nodes;
