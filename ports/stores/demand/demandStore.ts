/**
 * Where demand lives: one row per category, source and bin. A row is live, measured by the category's demand source, or
 * history, which was imported. What was measured live counts alone; history counts where nothing was measured live, and
 * its sources add up.
 */
import type { BinClock } from '../../../core/demand/clock';
import type { DemandSeries } from '../../../core/demand/series';

/** One bin of one category from one source. `null` = not measured. */
export interface BinRow {
  readonly category: string;
  /** Of history: who sent the requests (tenant, region, client). Of a live row: the name of the demand source. */
  readonly source: string;
  readonly startMs: number;
  /** Width of the bin, ms; absent = the category's bin. Imports say it, since a file has the bins that it has. */
  readonly widthMs?: number;
  readonly requests: number;
  /** Resource consumption: node-seconds that these requests kept busy. */
  readonly busySeconds: number | null;
  /** Node-seconds that were there to be used: nodes × concurrency × bin; utilization = busySeconds ÷ this. */
  readonly capacitySeconds: number | null;
  readonly latencyMeanMs: number | null;
  readonly latencyP99Ms: number | null;
  /** Requests slower than the category's objective. */
  readonly late: number | null;
  readonly errors: number | null;
}

/** A bin that a demand source has measured. */
export type LiveBinRow = BinRow & { readonly widthMs: number };

/** Per bin over all sources that count, newest last. */
export interface BinTotals {
  readonly startMs: number;
  readonly requests: number;
  readonly busySeconds: number | null;
  readonly capacitySeconds: number | null;
  readonly late: number | null;
  readonly errors: number | null;
}

/** The latest bins: all of their requests, of the newest ones what else was measured. */
export interface RecentBins {
  readonly series: DemandSeries;
  /** Of those that start at `detailFromMs` or later, as `totals` has them. */
  readonly totals: readonly BinTotals[];
}

export interface DemandStore {
  /** Stores history. Idempotent: the same category, source and start again replaces the row. */
  append(rows: readonly BinRow[]): Promise<void>;
  /**
   * Stores what a demand source has measured. Idempotent. Of a bin there is one live row, whichever source wrote it: a
   * later one corrects it until a decision was made on it, and none is stored beside it for a part of its time. A bin that
   * is missing is filled whenever it comes.
   */
  appendLive(rows: readonly LiveBinRow[]): Promise<void>;
  /** End of the newest live bin of each category that has one, ms. */
  liveEnds(categories: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /**
   * Requests per bin in [fromMs, toMs) on the clock's grid; NaN where nothing is known. Finer rows are summed. Rows wider
   * than the clock's bin are left out: how their requests spread over it is not known.
   */
  series(category: string, clock: BinClock, fromMs: number, toMs: number): Promise<DemandSeries>;
  totals(category: string, fromMs: number, toMs: number): Promise<BinTotals[]>;
  /** What a tick needs to know of the bins in [fromMs, toMs), in one read: `series`, and `totals` of the newest. */
  recent(
    category: string,
    clock: BinClock,
    fromMs: number,
    detailFromMs: number,
    toMs: number,
  ): Promise<RecentBins>;
  /** Start of the first and last stored bin, ms; null for a category without history. */
  span(category: string): Promise<{ firstMs: number; lastMs: number } | null>;
  /** Start of the last stored bin before `beforeMs`, ms; null where there is none. */
  lastBefore(category: string, beforeMs: number): Promise<number | null>;
  /** Every category that has a bin, running or not, by name. */
  categories(): Promise<string[]>;
  /** Width of the widest imported bin, ms; null where none says its width. */
  widestBinMs(category: string): Promise<number | null>;
}
