/** What the entries of all workers share: their life from start to SIGTERM. */
import type { Worker } from '@temporalio/worker';
import type { Logger } from 'pino';

/** Runs the worker until SIGTERM or SIGINT, then lets it finish what it has begun. */
export async function runUntilSignal(worker: Worker, logger: Logger): Promise<void> {
  const stop = (signal: NodeJS.Signals) => {
    logger.info({ signal }, 'stopping');
    if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  await worker.run();
}
