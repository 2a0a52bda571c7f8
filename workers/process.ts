/** What the entries of all workers share: their life from start to SIGTERM. */
import type { Worker } from '@temporalio/worker';
import type { Logger } from 'pino';
import type { Config } from '../config/schema';
import { PamError } from '../core/errors';
import { createLogger } from './logger';

export function requireDatabaseUrl(config: Config): string {
  if (config.database.url === undefined)
    throw new PamError(
      'INVALID_CONFIG',
      'DATABASE_URL: expected postgres://user:password@host:port/name; "pam up" sets it for the workers that it starts',
    );
  return config.database.url;
}

/** A worker that can't start: what a user can mend is a message with its code, anything else a fault with its stack. */
export function endWith(name: string, error: unknown): never {
  const logger = createLogger(name, 'error');
  if (error instanceof PamError) logger.error({ code: error.code }, error.message);
  else logger.error(error, `the ${name} worker failed`);
  process.exit(error instanceof PamError ? error.exitCode : 70);
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
