/** The latest bins → how many requests were answered with an error (5xx), in words if that is worth telling. */
import { percent } from '../text/figures';

export interface AnsweredBin {
  readonly requests: number;
  /** null = not measured. */
  readonly errors: number | null;
}

/** Below this share, or with fewer errors, nothing is said. */
const worthTelling = { share: 0.01, errors: 5 };

/** The bin that has ended last, or the one before it if that one is late. @param bins by start. */
export function latestBin<Bin extends { readonly startMs: number }>(
  bins: readonly Bin[],
  nowMs: number,
  binMs: number,
): Bin | undefined {
  const last = bins.at(-1);
  return last !== undefined && last.startMs >= nowMs - 2 * binMs ? last : undefined;
}

/** Share of failed requests; null where nothing was measured. */
export function errorShare(bin: AnsweredBin | undefined): number | null {
  if (bin === undefined || bin.errors === null || bin.requests <= 0) return null;
  return Math.min(1, bin.errors / bin.requests);
}

export function errorsInWords(bin: AnsweredBin | undefined, routable: number): string | null {
  const share = errorShare(bin);
  if (share === null || share < worthTelling.share || (bin?.errors ?? 0) < worthTelling.errors) return null;
  const nodes = routable === 1 ? '1 node that takes' : `${routable} nodes that take`;
  return `${percent(share)} of the requests in the last bin were answered with an error (5xx) by ${nodes} traffic: their health check passes, so look at what they run; more nodes are not ordered for errors`;
}
