/** Temporal's own log lines → the log of the worker. */
import { DefaultLogger, type LogLevel, Runtime } from '@temporalio/worker';
import type { Logger } from 'pino';

const levels: Record<LogLevel, 'trace' | 'debug' | 'info' | 'warn' | 'error'> = {
  TRACE: 'trace',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
};

/** Call once, before the first worker. */
export function logTemporalTo(logger: Logger): void {
  Runtime.install({
    logger: new DefaultLogger('WARN', ({ level, message, meta }) =>
      logger[levels[level]]({ ...meta }, message),
    ),
    // Signals are handled by the worker's own entry, so that it stops its parts in order.
    shutdownSignals: [],
  });
}
