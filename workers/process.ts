/** What the entries of all workers share: their life from start to SIGTERM. */
import type { Worker } from '@temporalio/worker';
import type { Logger } from 'pino';
import { privateUmask } from '../config/ownPath';
import type { Config } from '../config/schema';
import { PamError } from '../core/errors';

export function requireDatabaseUrl(config: Config): string {
  if (config.database.url === undefined)
    throw new PamError(
      'INVALID_CONFIG',
      'DATABASE_URL: expected postgres://user:password@host:port/name; "pam up" sets it for the workers that it starts',
    );
  return config.database.url;
}

/** Call it first: what a worker writes, and what it starts, is for its own user alone. */
export function keepFilesPrivate(): void {
  process.umask(privateUmask);
}

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
