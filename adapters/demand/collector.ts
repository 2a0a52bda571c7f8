/**
 * The demand sources and the running categories → stored bins. It follows the clock until it is told to stop; each source
 * is followed by itself, so that a slow one holds up no other. One collector is enough; two store the same bins.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { DemandSources } from '../../ports/demandSource';
import { FollowedSource, type FollowOptions } from './followSource';

export interface CollectorOptions extends FollowOptions {
  readonly sources: DemandSources;
}

export interface Collector {
  /** Collects until `signal` aborts. */
  run(signal: AbortSignal): Promise<void>;
  /** Stores the bins that have settled by now. */
  look(): Promise<void>;
}

/** How often the list of categories is read, and how long a store that fails is left alone, ms. */
const listEveryMs = 1_000;
const shortestPauseMs = 5;

export function createCollector(options: CollectorOptions): Collector {
  const followed = options.sources.all.map((source) => new FollowedSource(source, options));
  return {
    run: async (signal) => {
      await Promise.all(followed.map((source) => runOne(source, options, signal)));
    },
    look: async () => {
      await Promise.all(followed.map((source) => source.look()));
    },
  };
}

async function runOne(
  source: FollowedSource,
  { onFailure, now }: CollectorOptions,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const startedMs = now();
    try {
      await source.look();
    } catch (error) {
      onFailure(error);
      await pause(listEveryMs, signal);
    }
    await pause(Math.max(shortestPauseMs, Math.min(startedMs + listEveryMs, source.nextMs) - now()), signal);
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
