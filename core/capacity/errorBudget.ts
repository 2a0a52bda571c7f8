/** The latest bins and the objective → whether the objective was missed for long enough to act. */

export interface ServedBin {
  readonly requests: number;
  /** Requests slower than the objective; null = not measured. */
  readonly late: number | null;
  readonly errors: number | null;
}

export interface Breach {
  /** Late or failed ÷ all, over the window. */
  readonly share: number;
  /** Bins of the window in which the share was above what is allowed. */
  readonly badBins: number;
  readonly measuredBins: number;
}

/** A breach is one of at least this share of the window's bins: one bad bin, however bad, is none. */
const smallestShareOfBins = 0.1;
/** Standard deviations of a binomial count by which the bad requests must exceed the budget. */
const certainty = 2;

/**
 * Null while the budget is not spent. It is spent when over the window more requests were late or failed than the objective
 * allows, beyond chance, and in at least a tenth of the bins. Leaving is by the same rule: the bad bins must age out
 * of the window, which is the hysteresis.
 * @param allowed share of requests that may be late or fail, 1 − objective.
 */
export function errorBudgetBreach(bins: readonly ServedBin[], allowed: number): Breach | null {
  const measured = bins.filter((bin) => bin.requests > 0 && (bin.late !== null || bin.errors !== null));
  if (measured.length === 0) return null;
  // A request that fails fast is bad without being late; one that is both is counted once at most by the cap.
  const bad = ({ requests, late, errors }: ServedBin) => Math.min(requests, (late ?? 0) + (errors ?? 0));
  const requests = measured.reduce((sum, bin) => sum + bin.requests, 0);
  const spent = measured.reduce((sum, bin) => sum + bad(bin), 0);
  const expected = allowed * requests;
  const badBins = measured.filter((bin) => bad(bin) > allowed * bin.requests).length;
  const beyondChance = spent > expected + certainty * Math.sqrt(expected * (1 - allowed));
  return beyondChance && badBins >= Math.max(2, smallestShareOfBins * bins.length)
    ? { share: spent / requests, badBins, measuredBins: measured.length }
    : null;
}
