/**
 * Measured bins and the configured start → requests per node and bin, learned from what requests consumed.
 */

export interface CapacityEvidence {
  readonly requests: number;
  /** Node-seconds that these requests kept busy, counted per slot; null when not measured. */
  readonly busySeconds: number | null;
}

export interface CapacityInput {
  readonly bins: readonly CapacityEvidence[];
  /** Requests per node and bin until the nodes have shown theirs. */
  readonly configured: number;
  /** Requests that a node works on at the same time. */
  readonly concurrency: number;
  /** Highest average utilization that still keeps the objective. */
  readonly utilization: number;
  readonly binMs: number;
}

/** Requests after which what was measured counts as much as the configured value. */
const priorRequests = 500;
/** The learned value stays within this factor of the configured one: a broken measurement must not empty the pool. */
const widestFactor = 8;

/**
 * Requests that one node serves in one bin at its accepted utilization.
 *
 * By the utilization law (Denning and Buzen, 1978: U = X·S), a node with `concurrency` slots at utilization U serves
 * concurrency × binSeconds × U ÷ S requests in a bin, S being the busy seconds of a request. S is the median over the
 * bins weighted by their requests, so that idle bins and outliers carry little; it is shrunk towards the S that the
 * configured value implies, with the weight of `priorRequests`.
 */
export function learnRequestsPerNode(input: CapacityInput): number {
  const { configured, concurrency, utilization, binMs } = input;
  const slotSeconds = concurrency * (binMs / 1_000) * utilization;
  const evidence = input.bins
    .filter(
      (bin): bin is { requests: number; busySeconds: number } =>
        (bin.busySeconds ?? 0) > 0 && bin.requests > 0,
    )
    .map(({ requests, busySeconds }) => ({ perRequest: busySeconds / requests, requests }));
  const seen = evidence.reduce((sum, { requests }) => sum + requests, 0);
  if (seen === 0) return configured;
  const impliedPerRequest = slotSeconds / configured;
  const perRequest =
    (weightedMedian(evidence) * seen + impliedPerRequest * priorRequests) / (seen + priorRequests);
  const learned = slotSeconds / perRequest;
  return Math.min(configured * widestFactor, Math.max(configured / widestFactor, learned));
}

function weightedMedian(evidence: readonly { perRequest: number; requests: number }[]): number {
  const sorted = [...evidence].sort((a, b) => a.perRequest - b.perRequest);
  const half = sorted.reduce((sum, { requests }) => sum + requests, 0) / 2;
  let below = 0;
  for (const { perRequest, requests } of sorted) {
    below += requests;
    if (below >= half) return perRequest;
  }
  return sorted.at(-1)?.perRequest ?? 0;
}
