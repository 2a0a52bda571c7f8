/**
 * A seed → two categories for the show of a regime change. `checkout` has two weeks of history; its level doubles
 * while its day comes a quarter later. `refunds` begins in the middle, without any history.
 */
import { seededRandom } from '../../core/statistics/random';
import { arDeviation, standardNormal } from './noise';

export interface RegimeWorkload {
  readonly dayBins: number;
  /** Bins of `checkout` before the traffic, oldest first. */
  readonly history: readonly number[];
  /** Bins of traffic from its start on, whole requests; `refunds` has none before `addedBin`. */
  readonly checkout: readonly number[];
  readonly refunds: readonly number[];
  readonly addedBin: number;
  readonly changedBin: number;
}

const historyDays = 14;
export const levelFactor = 2;
/** Shift of the day, as a share of it. */
export const phaseShift = 0.25;

/** `perBin`: requests of `checkout` in an average bin. The same seed gives the same counts. */
export function regimeWorkload(options: {
  readonly seed: number;
  readonly dayBins: number;
  readonly bins: number;
  readonly addedBin: number;
  readonly changedBin: number;
  readonly perBin: number;
}): RegimeWorkload {
  const { seed, dayBins, bins, addedBin, changedBin, perBin } = options;
  const past = historyDays * dayBins;
  const draw = (salt: number, mean: (bin: number) => number) => {
    const random = seededRandom(seed * 31 + salt);
    const deviation = arDeviation(0.9, 0.02, random);
    return Array.from({ length: past + bins }, (_, index) => {
      const expected = mean(index - past) * Math.exp(deviation());
      return Math.max(0, Math.round(expected + Math.sqrt(expected) * standardNormal(random)));
    });
  };
  const season = (bin: number) => 1 + 0.45 * Math.sin((2 * Math.PI * bin) / dayBins);
  const checkout = draw(1, (bin) =>
    bin < changedBin ? perBin * season(bin) : levelFactor * perBin * season(bin - phaseShift * dayBins),
  );
  const refunds = draw(2, (bin) => 0.6 * perBin * season(bin));
  return {
    dayBins,
    history: checkout.slice(0, past),
    checkout: checkout.slice(past),
    refunds: refunds.slice(past).map((count, bin) => (bin < addedBin ? 0 : count)),
    addedBin,
    changedBin,
  };
}
