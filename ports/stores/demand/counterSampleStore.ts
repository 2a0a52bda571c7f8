/**
 * Cumulative counters as a source had them at some instants. The samples of the last bins are kept for every collector:
 * bins are computed from all of them, so a restart loses no requests, and two collectors at once count none twice.
 */
import type { NodeLoads } from '../../../core/demand/nodeUse';

/** Count of requests up to and including `upToMs`, cumulative over the buckets as Prometheus has them. */
export interface LatencyBucket {
  /** Upper bound, ms; null = infinity. */
  readonly upToMs: number | null;
  readonly count: number;
}

export interface CounterSample {
  readonly category: string;
  /** Name of the demand source. */
  readonly source: string;
  /** When the source was read, ms. */
  readonly atMs: number;
  /** When the counting began, ms; null where the source does not tell. Another one means that the counts began at zero. */
  readonly startedMs: number | null;
  /** Requests completed since the counting began. */
  readonly requests: number;
  /** Of these, failed; null where the source does not know. */
  readonly errors: number | null;
  /** Empty where the source does not know latencies, or before the first request. */
  readonly latencyBuckets: readonly LatencyBucket[];
  /** What the category's nodes said of their load; empty where none did. */
  readonly nodes: NodeLoads;
}

export interface CounterSampleStore {
  /**
   * Keeps the samples and forgets those of the same category and source that are older than `keepMs` before them.
   * Idempotent: of two samples of the same instant the first one stays.
   */
  put(samples: readonly CounterSample[], keepMs: (sample: CounterSample) => number): Promise<void>;
  /** The samples that are kept, oldest first. */
  kept(source: string, categories: readonly string[]): Promise<CounterSample[]>;
}
