/**
 * The proxy's cumulative counters at an instant. Two samples of the same incarnation give a bin; the collector keeps
 * the last one here, so that a restart of the collector loses no requests and counts none twice.
 */

/** Count of requests up to and including `upToMs`, cumulative over the buckets as Prometheus has them. */
export interface LatencyBucket {
  /** Upper bound, ms; null = infinity. */
  readonly upToMs: number | null;
  readonly count: number;
}

export interface CounterSample {
  readonly category: string;
  /** When the proxy was read, ms. */
  readonly atMs: number;
  /** Requests completed since the proxy began to count. */
  readonly requests: number;
  /** Of these, slower than the category's objective. */
  readonly late: number;
  readonly errors: number;
  readonly latencyBuckets?: readonly LatencyBucket[];
  /** Identity of the counting: it changes when the proxy restarts and its counters start again at zero. */
  readonly incarnation: string;
}

export interface CounterSampleStore {
  /** Keeps the sample unless a newer one is there; idempotent. */
  put(sample: CounterSample): Promise<void>;
  /** The newest sample of a category; null before the first. */
  latest(category: string): Promise<CounterSample | null>;
}
