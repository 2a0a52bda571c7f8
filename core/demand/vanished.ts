/**
 * The last bins of a category → whether its demand has vanished so abruptly that a lost route is likelier than users who
 * left. A category whose requests go elsewhere looks idle; giving up its nodes would make that worse. The doubt is bounded.
 */
import { rounded } from '../text/figures';
import { durationInWords } from '../time/durationWords';

export interface CountedBin {
  readonly startMs: number;
  readonly requests: number;
}

export interface VanishedDemand {
  /** Requests a bin before it vanished. */
  readonly usual: number;
  /** Until when nodes are kept, ms. */
  readonly untilMs: number;
  readonly finding: string;
}

/** Bins before the fall that say what is usual. */
const usualBins = 10;
/** Fewer requests a bin may be none by chance: e^-20 is one in 500 million. */
const leastUsual = 20;
/** The bin before the fall has at least this share of what is usual: a slow end is an end. */
const abruptShare = 0.5;
/** Doubted for so long, or so many bins if that is longer. */
const doubtedMs = 600_000;
const doubtedBins = 3;

/** @param bins measured ones, by start. @param routable nodes that take traffic now. */
export function vanishedDemand(
  bins: readonly CountedBin[],
  { routable, nowMs, binMs }: { readonly routable: number; readonly nowMs: number; readonly binMs: number },
): VanishedDemand | null {
  const last = bins.at(-1);
  if (routable === 0 || last === undefined || last.requests > 0) return null;
  const lastServed = bins.findLastIndex(({ requests }) => requests > 0);
  const before = bins.slice(Math.max(0, lastServed + 1 - usualBins), lastServed + 1);
  const end = before.at(-1);
  if (end === undefined || before.length < 3) return null;
  const counts = before.map(({ requests }) => requests).sort((a, b) => a - b);
  const usual = counts[Math.floor(counts.length / 2)] ?? 0;
  if (usual < leastUsual || end.requests < abruptShare * usual) return null;
  const fellMs = end.startMs + binMs;
  const untilMs = fellMs + Math.max(doubtedMs, doubtedBins * binMs);
  if (nowMs >= untilMs) return null;
  return {
    usual,
    untilMs,
    finding: `demand fell from about ${rounded(usual)} requests a bin to none at once, although ${routable} nodes take traffic: doubted for ${durationInWords(untilMs - fellMs)}, since its route may be lost; the rule is put in place again`,
  };
}
