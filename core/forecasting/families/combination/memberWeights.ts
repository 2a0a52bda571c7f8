/**
 * Recent losses of each member of a combination → its weight: inverse to a power of its discounted pinball loss. The middle
 * and the upper quantiles have weights of their own, since the best member is often not the same.
 */

import { pinball } from '../../../statistics/scoring';
import { decodeDoubles, encodeDoubles } from '../../encoding';
import type { Json } from '../../model';

/** Where losses are taken; all but the first are the upper quantiles. */
export const weighedProbabilities = [0.5, 0.9, 0.95, 0.99] as const;
const upper = weighedProbabilities.slice(1);

/** Weight ∝ loss^−power: a member with twice the loss counts a sixteenth, one that is a tenth worse two thirds. */
const power = 4;

export class MemberWeights {
  private readonly middle: Float64Array;
  private readonly above: Float64Array;

  /** `halfLife`: outcomes after which a loss counts half. */
  constructor(
    members: number,
    private readonly halfLife: number,
  ) {
    this.middle = new Float64Array(members);
    this.above = new Float64Array(members);
  }

  /** `quantiles`: of each member at `weighedProbabilities`, requests per bin; `actual`: what it turned out to be. */
  learn(quantiles: readonly (readonly number[])[], actual: number): void {
    const kept = 0.5 ** (1 / this.halfLife);
    quantiles.forEach((row, member) => {
      this.middle[member] = kept * this.middle[member]! + pinball(actual, row[0]!, weighedProbabilities[0]);
      // Losses shrink with the risk; divided by its root, each probability counts about the same.
      const lost = upper.reduce(
        (sum, probability, index) =>
          sum + pinball(actual, row[index + 1]!, probability) / Math.sqrt(1 - probability),
        0,
      );
      this.above[member] = kept * this.above[member]! + lost;
    });
  }

  /** Shares that add up to 1, for a quantile at `probability`. Equal before anything was learned. */
  at(probability: number): Float64Array {
    const [low, high] = [weighedProbabilities[0], weighedProbabilities[1]];
    const share = Math.min(1, Math.max(0, (probability - low) / (high - low)));
    const middle = sharesOf(this.middle);
    const above = sharesOf(this.above);
    return middle.map((weight, member) => (1 - share) * weight + share * above[member]!);
  }

  serialize(): Json {
    return { middle: encodeDoubles(this.middle), above: encodeDoubles(this.above) };
  }

  /** The inverse of `serialize`; throws PamError INVALID_DATA if the number of members differs. */
  static load(state: Json | undefined, members: number, halfLife: number): MemberWeights {
    const { middle, above } = (state ?? {}) as { [key: string]: Json };
    const weights = new MemberWeights(members, halfLife);
    weights.middle.set(decodeDoubles(middle, members, 'losses of members in the middle'));
    weights.above.set(decodeDoubles(above, members, 'losses of members above'));
    return weights;
  }
}

function sharesOf(losses: Float64Array): Float64Array {
  const least = losses.reduce((low, loss) => Math.min(low, loss), Number.POSITIVE_INFINITY);
  const raw = losses.map((loss) => (least > 0 ? (loss / least) ** -power : loss > least ? 0 : 1));
  const whole = raw.reduce((sum, weight) => sum + weight, 0);
  return raw.map((weight) => weight / whole);
}
