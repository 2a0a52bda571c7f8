/** What the entries of all workers share: their life from start to SIGTERM. */
import type { Worker } from '@temporalio/worker';
import type { Logger } from 'pino';

/** Runs the workers of this process until SIGTERM or SIGINT, or one fails, then lets them finish what they have begun. */
export async function runUntilSignal(workers: readonly Worker[], logger: Logger): Promise<void> {
  const stopAll = () => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  const stop = (signal: NodeJS.Signals) => {
    logger.info({ signal }, 'stopping');
    stopAll();
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  await Promise.all(workers.map((worker) => worker.run().finally(stopAll)));
}
