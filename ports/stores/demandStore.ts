/** Where measured demand lives: one row per category, source and bin. */
import type { BinClock } from '../../core/demand/clock';
import type { DemandSeries } from '../../core/demand/series';

/** One bin of one category from one source. `null` = not measured. */
export interface BinRow {
  readonly category: string;
  /** Who sent the requests (tenant, region, client), or `envoy` for live monitoring. */
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

/** Per bin over all sources, newest last. */
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
  /** Idempotent: the same category, source and start again replaces the row. */
  append(rows: readonly BinRow[]): Promise<void>;
  /**
   * Requests per bin over all sources in [fromMs, toMs) on the clock's grid; NaN where no source has a row. Finer rows
   * are summed. Rows wider than the clock's bin are left out: how their requests spread over it is not known.
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
