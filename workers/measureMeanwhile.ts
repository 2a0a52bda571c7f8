/**
 * The demand sources → what goes on beside the collector: counters that could not be stored in time, since the database is away or
 * hangs, are read and held, and stored when it is back. Two workers that do so count nothing twice.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { DemandSources } from '../ports/demandSource';

const everyMs = 500;

export function measureMeanwhile(
  { all }: Pick<DemandSources, 'all'>,
  logger: Pick<Logger, 'warn'>,
): (signal: AbortSignal) => Promise<void> {
  return async (signal) => {
    const each = (act: 'measure' | 'store') =>
      Promise.all(
        all.map((source) =>
          source.meanwhile?.[act]().catch((error: unknown) =>
            logger.warn(error, `demand source "${source.name}": could not ${act} meanwhile`),
          ),
        ),
      );
    while (!signal.aborted) {
      await each('measure');
      await sleep(everyMs, undefined, { signal }).catch(() => undefined);
    }
    await each('store');
  };
}
