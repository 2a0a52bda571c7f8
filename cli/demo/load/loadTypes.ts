/** What the load generator is told and what it tells back; plain data, so that it crosses into a worker thread. */
import type { RoutingMatch } from '../../../core/routing/rule';

export interface LoadPlan {
  /** Where requests enter, e.g. `http://127.0.0.1:10000`. */
  readonly targetUrl: string;
  /** Start of the first bin, ms since the epoch. */
  readonly fromMs: number;
  readonly binMs: number;
  readonly streams: readonly LoadStream[];
  readonly seed: number;
  readonly spread: 'even' | 'poisson';
  /** Requests under way at the same time, over all streams; beyond it a request is counted as not sent. */
  readonly maxInFlight: number;
  /** A request without an answer after this long has failed. */
  readonly timeoutMs: number;
}

export interface LoadStream {
  readonly category: string;
  readonly match: RoutingMatch;
  /** Requests of each bin, whole. */
  readonly counts: readonly number[];
  /** A request that takes longer is late. */
  readonly objectiveMs: number;
}

/** One bin of one category. A request belongs to the bin it was due in. */
export interface LoadBin {
  readonly due: number;
  readonly sent: number;
  /** Answered with 2xx. */
  readonly ok: number;
  /** Anything but 2xx, a broken connection, no answer in time. */
  readonly failed: number;
  /** Answered with 2xx, but later than the objective after the request was due. */
  readonly late: number;
  /** Not sent because too many were under way. */
  readonly refused: number;
  /** Answered by the category's own nodes, as the node's `x-pam-category` header says. */
  readonly ownPool: number;
}

export interface LoadLatency {
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export type LoadReport =
  | { readonly kind: 'bins'; readonly bins: readonly (LoadBin & { category: string; bin: number })[] }
  | {
      readonly kind: 'finished';
      /** Per category over every bin; null without an answer. */
      readonly latency: Readonly<Record<string, LoadLatency | null>>;
      /** Longest that a request was sent after it was due: above a few ms the machine is too busy to tell. */
      readonly worstSendLagMs: number;
      /** What failures were, with how often. */
      readonly failures: Readonly<Record<string, number>>;
    };

export const emptyBin: LoadBin = { due: 0, sent: 0, ok: 0, failed: 0, late: 0, refused: 0, ownPool: 0 };

/** Sums of bins. */
export function addBins(bins: Iterable<LoadBin>): LoadBin {
  const sum = { ...emptyBin };
  for (const bin of bins) for (const key of Object.keys(emptyBin) as (keyof LoadBin)[]) sum[key] += bin[key];
  return sum;
}
