/**
 * Where the counts of a category come from. What every source shares, the clock, the storing of bins, their correction, is
 * in `adapters/demand/collector.ts`; a source only answers these questions. docs/extending/demand-source.md is the recipe.
 */
import type { CategorySettings } from '../core/category/settings';

/** What a source may know of a bin besides its requests; `utilization` is of the moment. */
export type DemandFigure = 'errors' | 'latency' | 'busyTime' | 'utilization';

/** One bin on the category's grid. An absent or null figure was not measured; a bin that was not measured is absent. */
export interface MeasuredBin {
  readonly startMs: number;
  readonly requests: number;
  readonly errors?: number | null;
  /** Requests slower than the category's objective. */
  readonly late?: number | null;
  /** Mean and 99th percentile; null without a request. */
  readonly latencyMeanMs?: number | null;
  readonly latencyP99Ms?: number | null;
  /** Node-seconds that these requests kept busy. */
  readonly busySeconds?: number | null;
  /** Node-seconds that were there to be used. */
  readonly capacitySeconds?: number | null;
}

/** What is being measured right now, between two bins. */
export interface LiveDemand {
  /** Requests per second since the last completed bin; null if the source can't tell. */
  readonly requestsPerSecond: number | null;
  /** How much time that rate covers, ms; a rate over an instant is noise. */
  readonly overMs: number;
  /** Share of the pool's capacity in use, 0 to 1; null if it is not known. */
  readonly utilization: number | null;
}

/** How many bins before the newest the collector asks for again, since a count may come late. */
export const correctedBins = 5;

export interface DemandSource {
  /** As `demand` in the settings names it; stored bins carry it. */
  readonly name: string;
  readonly knows: ReadonlySet<DemandFigure>;
  /** How long after its end a bin is complete, ms. Nobody asks for a bin before that. */
  settleMs(category: CategorySettings): number;
  /**
   * The bins that start in [fromMs, toMs), as far as they are known in full; both ends are on the category's grid and the
   * last bin has settled. The collector asks for the `correctedBins` before the newest again. A source with a memory
   * answers for any span.
   * @throws PamError UNAVAILABLE if the source does not answer; the same span is asked for again then.
   */
  bins(category: CategorySettings, fromMs: number, toMs: number): Promise<readonly MeasuredBin[]>;
  /** @throws PamError UNAVAILABLE if the source does not answer. */
  live(category: CategorySettings): Promise<LiveDemand>;
  /** Of a source without a memory: what it must do while nothing can be stored, so that no bin is lost. Absent: nothing. */
  readonly meanwhile?: {
    /** Takes what would be gone later and could not be stored, and holds it, for the categories of the last questions. */
    measure(): Promise<void>;
    /** Stores what is held. */
    store(): Promise<void>;
  };
}

export interface DemandSources {
  readonly all: readonly DemandSource[];
  /** The one source that the category's settings choose. */
  of(category: CategorySettings): DemandSource;
}
