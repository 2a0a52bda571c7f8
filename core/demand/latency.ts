/** A histogram of latencies, as cumulative counts over ascending bounds, in; late requests, mean and percentiles out. */

export interface Histogram {
  /** Upper bounds, ms, ascending. */
  readonly boundsMs: readonly number[];
  /** Requests up to and including each bound. */
  readonly cumulative: readonly number[];
}

/** Requests at or below `ms`, linear within a bucket. */
export function countUpTo({ boundsMs, cumulative }: Histogram, ms: number): number {
  let lowerBound = 0;
  let below = 0;
  for (let index = 0; index < boundsMs.length; index++) {
    const bound = boundsMs[index] ?? 0;
    const upTo = cumulative[index] ?? below;
    if (ms < bound) return below + ((upTo - below) * (ms - lowerBound)) / (bound - lowerBound);
    lowerBound = bound;
    below = upTo;
  }
  return below;
}

/** The latency that a `share` of the requests does not exceed, ms; null without requests. */
export function percentile({ boundsMs, cumulative }: Histogram, share: number): number | null {
  const total = cumulative.at(-1) ?? 0;
  if (total <= 0) return null;
  const wanted = share * total;
  let lowerBound = 0;
  let below = 0;
  for (let index = 0; index < boundsMs.length; index++) {
    const bound = boundsMs[index] ?? 0;
    const upTo = cumulative[index] ?? below;
    if (upTo >= wanted && upTo > below)
      return lowerBound + ((bound - lowerBound) * (wanted - below)) / (upTo - below);
    lowerBound = bound;
    below = upTo;
  }
  return boundsMs.at(-1) ?? null;
}

/** Mean latency, ms, each bucket at its middle; null without requests. */
export function meanLatency({ boundsMs, cumulative }: Histogram): number | null {
  const total = cumulative.at(-1) ?? 0;
  if (total <= 0) return null;
  let sum = 0;
  let lowerBound = 0;
  let below = 0;
  boundsMs.forEach((bound, index) => {
    const upTo = cumulative[index] ?? below;
    sum += ((lowerBound + bound) / 2) * (upTo - below);
    lowerBound = bound;
    below = upTo;
  });
  return sum / total;
}
