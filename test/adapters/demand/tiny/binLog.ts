/**
 * A source that has ready-made bins and a memory: an application logs each bin some time after its end, and keeps the log.
 * It counts nothing itself, so it needs no samples.
 */
import type { CategorySettings } from '../../../../core/category/settings';
import { PamError } from '../../../../core/errors';
import type { DemandSource } from '../../../../ports/demandSource';

export interface BinLog {
  /** Requests of a category in [fromMs, toMs), as far as they are logged; null for a category that is not logged. */
  requests(category: string, fromMs: number, toMs: number): number | null;
  readonly reachable: boolean;
}

export function createBinLogSource(log: BinLog, now: () => number): DemandSource {
  const ask = (category: string, fromMs: number, toMs: number) => {
    if (!log.reachable) throw new PamError('UNAVAILABLE', 'the log does not answer');
    return log.requests(category, fromMs, toMs);
  };
  return {
    name: 'bin-log',
    knows: new Set(),
    settleMs: ({ binMs }: CategorySettings) => binMs / 4,
    bins: async ({ name, binMs }, fromMs, toMs) => {
      const starts = Array.from({ length: (toMs - fromMs) / binMs }, (_, index) => fromMs + index * binMs);
      return starts.flatMap((startMs) => {
        const requests = ask(name, startMs, startMs + binMs);
        return requests === null ? [] : [{ startMs, requests }];
      });
    },
    live: async ({ name, binMs }) => {
      const nowMs = now();
      const fromMs = Math.floor(nowMs / binMs) * binMs;
      const requests = ask(name, fromMs, nowMs);
      return requests === null || nowMs === fromMs
        ? { requestsPerSecond: null, overMs: 0, utilization: null }
        : {
            requestsPerSecond: (requests / (nowMs - fromMs)) * 1_000,
            overMs: nowMs - fromMs,
            utilization: null,
          };
    },
  };
}
