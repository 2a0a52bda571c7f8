/**
 * Observations → bins, in bounded memory. A bin that is not complete leaves in parts; the sum of the parts is the bin.
 * Nothing is ever dropped: the sum of the requests that leave is the sum of those that entered.
 */
import type { Observation } from './observation';

/** A bin or a part of one: parts of the same category, source and start are to be summed. */
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

/** `binMs` null = every timestamp is the start of a bin of its own, as in a file of counts. */
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

  /** Whether the parts should be taken now, before they fill the memory. */
  get full(): boolean {
    return this.parts.size >= this.mostParts;
  }

  /** The parts that have come together since the last call. */
  take(): BinPart[] {
    const taken = [...this.parts.values()];
    this.parts = new Map();
    return taken;
  }
}
