/**
 * A worker process → its word in `pam.workers` every few seconds, from the loop that does its work: one that hangs falls silent,
 * though its pid exists.
 */
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { WorkerStore } from '../ports/stores/workerStore';

const everyMs = 3_000;

export interface HeartbeatOptions {
  readonly store: WorkerStore;
  readonly identity: string;
  readonly kind: string;
  readonly taskQueue: string;
  readonly logger: Pick<Logger, 'warn'>;
}

/** The first word is said when this resolves; `stopped` resolves once `stop` has aborted and the last one is said. */
export async function startHeartbeat(
  { store, identity, kind, taskQueue, logger }: HeartbeatOptions,
  stop: AbortSignal,
): Promise<{ readonly stopped: Promise<void> }> {
  const worker = { identity, kind, taskQueue, host: hostname(), pid: process.pid };
  await store.seen(worker);
  return { stopped: goOn() };

  async function goOn(): Promise<void> {
    let silent = false;
    while (!stop.aborted) {
      await sleep(everyMs, undefined, { signal: stop }).catch(() => undefined);
      if (stop.aborted) break;
      await store.seen(worker).then(
        () => {
          silent = false;
        },
        (error: unknown) => {
          if (!silent) logger.warn(error, 'the database does not take signs of life; trying again');
          silent = true;
        },
      );
    }
    await store.gone(identity).catch(() => undefined);
  }
}
