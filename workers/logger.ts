/** Structured logs of a worker process: JSON lines on stdout, quiet by default, Temporal's own included. */
import { DefaultLogger, type LogLevel, Runtime } from '@temporalio/worker';
import pino, { type Logger } from 'pino';
import { causeInWords } from '../core/failures/causeInWords';

export function createLogger(name: string, level: string): Logger {
  return pino({
    ...{ name, level, base: { name, pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime },
    // Temporal's SDK logs errors under this name.
    serializers: { error: withCause, err: withCause },
  });
}

/** pino's own form of an error and, under `why`, what is at the bottom of it. */
function withCause(error: Error): object {
  const written = pino.stdSerializers.err(error);
  const why = causeInWords(error);
  return typeof written === 'object' && why !== error.message ? { ...written, why } : written;
}

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

/** Tells whoever started this process that it does its work now, whatever the log level. */
export function announceReady(name: string): void {
  process.stdout.write(
    `${JSON.stringify({ level: 30, time: new Date().toISOString(), name, pid: process.pid, msg: 'ready' })}\n`,
  );
}
