/**
 * A load plan → real HTTP requests, and the outcome of each bin. Open loop: a request is sent when it is due, whatever
 * became of earlier ones, and its latency counts from then. So a slow system cannot hide behind a generator that waits
 * (G. Tene, "coordinated omission").
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import { seededRandom } from '../../../core/statistics/random';
import { arrivalOffsets } from '../../../simulation/workload/scaling';
import {
  emptyBin,
  type LoadBin,
  type LoadLatency,
  type LoadPlan,
  type LoadReport,
  type LoadStream,
} from './loadTypes';

const reportEveryMs = 250;

interface Arrival {
  readonly dueMs: number;
  readonly stream: LoadStream;
  readonly bin: number;
}

/** Resolves when every request has its answer, after the report `finished`. `signal` ends it early in the same way. */
export async function generateLoad(
  plan: LoadPlan,
  report: (report: LoadReport) => void,
  signal?: AbortSignal,
): Promise<void> {
  const run = new LoadRun(plan, signal);
  const ticker = setInterval(() => run.reportChanges(report), reportEveryMs);
  try {
    await run.sendAll();
  } finally {
    clearInterval(ticker);
    await run.close();
    run.reportChanges(report);
    report(run.finished());
  }
}

type Counts = { -readonly [key in keyof LoadBin]: LoadBin[key] };

class LoadRun {
  private readonly pool: Pool;
  private readonly random: () => number;
  private readonly counts = new Map<string, Counts[]>();
  private readonly changed = new Map<string, { category: string; bin: number }>();
  private readonly latencies = new Map<string, number[]>();
  private readonly failures: Record<string, number> = {};
  private readonly underWay = new Set<Promise<void>>();
  private worstSendLagMs = 0;

  constructor(
    private readonly plan: LoadPlan,
    private readonly signal: AbortSignal | undefined,
  ) {
    this.pool = new Pool(plan.targetUrl, { connections: plan.maxInFlight, pipelining: 1 });
    this.random = seededRandom(plan.seed);
    for (const { category, counts } of plan.streams) {
      this.counts.set(
        category,
        counts.map((due) => ({ ...emptyBin, due })),
      );
      this.latencies.set(category, []);
    }
  }

  async sendAll(): Promise<void> {
    const { fromMs, binMs, streams } = this.plan;
    const bins = Math.max(0, ...streams.map(({ counts }) => counts.length));
    for (let bin = 0; bin < bins && !this.signal?.aborted; bin++)
      for (const arrival of this.arrivalsOf(bin, fromMs + bin * binMs)) {
        const waitMs = arrival.dueMs - Date.now();
        if (waitMs > 0) await sleep(waitMs, undefined, { signal: this.signal }).catch(() => undefined);
        if (this.signal?.aborted) return;
        this.send(arrival);
      }
    const endMs = fromMs + bins * binMs;
    if (endMs > Date.now())
      await sleep(endMs - Date.now(), undefined, { signal: this.signal }).catch(() => undefined);
  }

  private arrivalsOf(bin: number, startMs: number): Arrival[] {
    const { streams, binMs, spread } = this.plan;
    return streams
      .flatMap((stream) =>
        arrivalOffsets(stream.counts[bin] ?? 0, binMs, spread, this.random).map((offset) => ({
          dueMs: startMs + offset,
          stream,
          bin,
        })),
      )
      .sort((a, b) => a.dueMs - b.dueMs);
  }

  private send(arrival: Arrival): void {
    const { stream, bin, dueMs } = arrival;
    const counts = this.binOf(stream.category, bin);
    if (this.underWay.size >= this.plan.maxInFlight) {
      counts.refused++;
      return;
    }
    counts.sent++;
    this.worstSendLagMs = Math.max(this.worstSendLagMs, Date.now() - dueMs);
    const request = this.exchange(arrival).finally(() => this.underWay.delete(request));
    this.underWay.add(request);
  }

  private async exchange({ stream, bin, dueMs }: Arrival): Promise<void> {
    const { timeoutMs } = this.plan;
    try {
      const answer = await this.pool.request({
        method: 'GET',
        ...addressed(stream),
        headersTimeout: timeoutMs,
        bodyTimeout: timeoutMs,
        signal: AbortSignal.timeout(timeoutMs),
      });
      await answer.body.dump();
      const tookMs = Date.now() - dueMs;
      const counts = this.binOf(stream.category, bin);
      if (answer.statusCode < 200 || answer.statusCode > 299) {
        counts.failed++;
        this.failed(`HTTP ${answer.statusCode}`);
        return;
      }
      counts.ok++;
      if (tookMs > stream.objectiveMs) counts.late++;
      if (answer.headers['x-pam-category'] === stream.category) counts.ownPool++;
      this.latencies.get(stream.category)?.push(tookMs);
    } catch (error) {
      this.binOf(stream.category, bin).failed++;
      this.failed(nameOf(error));
    }
  }

  private failed(what: string): void {
    this.failures[what] = (this.failures[what] ?? 0) + 1;
  }

  private binOf(category: string, bin: number): Counts {
    const counts = this.counts.get(category)?.[bin];
    if (counts === undefined) throw new Error(`no bin ${bin} of ${category}`);
    this.changed.set(`${category} ${bin}`, { category, bin });
    return counts;
  }

  reportChanges(report: (report: LoadReport) => void): void {
    if (this.changed.size === 0) return;
    const touched = [...this.changed.values()];
    this.changed.clear();
    report({
      kind: 'bins',
      bins: touched.map(({ category, bin }) => ({
        category,
        bin,
        ...(this.counts.get(category)?.[bin] ?? emptyBin),
      })),
    });
  }

  finished(): LoadReport {
    return {
      kind: 'finished',
      latency: Object.fromEntries(
        [...this.latencies].map(([category, values]) => [category, latencyOf(values)]),
      ),
      worstSendLagMs: Math.round(this.worstSendLagMs),
      failures: this.failures,
    };
  }

  /** Waits for outstanding answers; each ends within the time-out. */
  async close(): Promise<void> {
    await Promise.all(this.underWay);
    await this.pool.close();
  }
}

/** Headers and path of a request of this stream, so that the category’s rule matches it. */
function addressed({ match }: LoadStream): { path: string; headers: Record<string, string> } {
  if ('header' in match) return { path: '/', headers: { [match.header.name]: match.header.value } };
  if ('pathPrefix' in match) return { path: match.pathPrefix, headers: {} };
  return { path: '/', headers: { host: match.host } };
}

/** By shape: an error may come from another realm. */
function nameOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error);
  if ('name' in error && error.name === 'TimeoutError') return 'no answer in time';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return 'message' in error ? String(error.message) : String(error);
}

/** Nearest-rank percentiles. */
export function latencyOf(values: readonly number[]): LoadLatency | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const rank = (share: number) => Math.round(sorted[Math.ceil(share * sorted.length) - 1] ?? 0);
  return { p50Ms: rank(0.5), p95Ms: rank(0.95), p99Ms: rank(0.99), maxMs: rank(1) };
}
