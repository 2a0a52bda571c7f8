/**
 * Observations → bins, in bounded memory. Bins that are not complete leave in parts whose sums are the bins. Nothing
 * is dropped: the requests that leave add up to those that entered.
 */
import type { Observation } from './observation';

/** A bin or a part of it: parts of the same category, source and start are summed. */
export interface BinPart {
  readonly category: string;
  readonly source: string;
  readonly startMs: number;
  requests: number;
  busySeconds: number | null;
  /** Sum of the latencies, ms, over `latencyRequests`. */
  latencySumMs: number;
  latencyRequests: number;
  errors: number | null;
}

/** With `binMs` null every timestamp is the start of its own bin, as in a file of counts. */
export class BinAccumulator {
  private parts = new Map<string, BinPart>();

  constructor(
    private readonly binMs: number | null,
    private readonly mostParts = 20_000,
  ) {}

  add({ atMs, category, source, requests, busySeconds, latencyMs, errors }: Observation): void {
    const startMs = this.binMs === null ? atMs : Math.floor(atMs / this.binMs) * this.binMs;
    const key = `${startMs} ${category} ${source}`;
    let part = this.parts.get(key);
    if (part === undefined) {
      part = {
        category,
        source,
        startMs,
        requests: 0,
        busySeconds: null,
        latencySumMs: 0,
        latencyRequests: 0,
        errors: null,
      };
      this.parts.set(key, part);
    }
    part.requests += requests;
    if (busySeconds !== null) part.busySeconds = (part.busySeconds ?? 0) + busySeconds;
    if (latencyMs !== null) {
      part.latencySumMs += latencyMs * requests;
      part.latencyRequests += requests;
    }
    if (errors !== null) part.errors = (part.errors ?? 0) + errors;
  }

  /** Whether to `take` the parts now, before they fill the memory. */
  get full(): boolean {
    return this.parts.size >= this.mostParts;
  }

  /** The parts since the last call. */
  take(): BinPart[] {
    const taken = [...this.parts.values()];
    this.parts = new Map();
    return taken;
  }
}
