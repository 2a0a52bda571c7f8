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
  /** Requests per node and bin as its owner has them. */
  readonly configured: number;
  /** The same until these bins show more: what was learned before, else `configured`. */
  readonly start: number;
  /** Requests that a node works on at the same time. */
  readonly concurrency: number;
  /** Highest average utilization that still keeps the objective. */
  readonly utilization: number;
  readonly binMs: number;
}

/** Requests after which what was measured counts as much as the start. */
const priorRequests = 500;
/** The learned value stays within this factor of the configured one: a broken measurement must not empty the pool. */
const widestFactor = 8;

/**
 * Requests that one node serves in one bin at its accepted utilization.
 *
 * By the utilization law (Denning and Buzen, 1978: U = X·S), a node with `concurrency` slots at utilization U serves
 * concurrency × binSeconds × U ÷ S requests in a bin, S being the busy seconds of a request. S is the median over the
 * bins weighted by their requests, so that idle bins and outliers carry little; it is shrunk towards the S that the
 * start implies, with the weight of `priorRequests`.
 */
export function learnRequestsPerNode(input: CapacityInput): number {
  const { configured, start, concurrency, utilization, binMs } = input;
  const slotSeconds = concurrency * (binMs / 1_000) * utilization;
  const within = (value: number) =>
    Math.min(configured * widestFactor, Math.max(configured / widestFactor, value));
  const evidence = evidenceOf(input.bins);
  const seen = requestsIn(evidence);
  if (seen === 0) return within(start);
  const impliedPerRequest = slotSeconds / start;
  const perRequest =
    (weightedMedian(evidence) * seen + impliedPerRequest * priorRequests) / (seen + priorRequests);
  return within(slotSeconds / perRequest);
}

/** Whether the bins say more than the start does, so that what they teach is worth keeping. */
export function teaches(bins: readonly CapacityEvidence[]): boolean {
  return requestsIn(evidenceOf(bins)) >= priorRequests;
}

interface Evidence {
  readonly perRequest: number;
  readonly requests: number;
}

function evidenceOf(bins: readonly CapacityEvidence[]): Evidence[] {
  return bins
    .filter(
      (bin): bin is { requests: number; busySeconds: number } =>
        (bin.busySeconds ?? 0) > 0 && bin.requests > 0,
    )
    .map(({ requests, busySeconds }) => ({ perRequest: busySeconds / requests, requests }));
}

const requestsIn = (evidence: readonly Evidence[]): number =>
  evidence.reduce((sum, { requests }) => sum + requests, 0);

function weightedMedian(evidence: readonly Evidence[]): number {
  const sorted = [...evidence].sort((a, b) => a.perRequest - b.perRequest);
  const half = requestsIn(evidence) / 2;
  let below = 0;
  for (const { perRequest, requests } of sorted) {
    below += requests;
    if (below >= half) return perRequest;
  }
  return sorted.at(-1)?.perRequest ?? 0;
}
