/** What the entries of all workers share: their life from start to SIGTERM. */
import type { Worker } from '@temporalio/worker';
import type { Logger } from 'pino';
import { privateUmask } from '../config/ownPath';
import { PamError } from '../core/errors';
import { createLogger } from './logger';

/** Call it first: what a worker writes, and what it starts, is for its own user alone. */
export function keepFilesPrivate(): void {
  process.umask(privateUmask);
}

/** A worker that can't start: what a user can mend is a message with its code, anything else a fault with its stack. */
export function endWith(name: string, error: unknown): never {
  const logger = createLogger(name, 'error');
  if (error instanceof PamError) logger.error({ code: error.code }, error.message);
  else logger.error(error, `the ${name} worker failed`);
  process.exit(error instanceof PamError ? error.exitCode : 70);
}

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
