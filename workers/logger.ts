/**
 * Structured logs of a worker process: JSON lines on stdout, quiet by default, Temporal's own included. Each line is
 * redacted and encoded where it leaves the process, whatever it was made from: messages, errors and their causes.
 */
import { DefaultLogger, type LogLevel, Runtime } from '@temporalio/worker';
import pino, { type DestinationStream, type Logger } from 'pino';
import { redactText } from '../core/text/redact';
import { visibleText } from '../core/text/visible';

export function createLogger(
  name: string,
  level: string,
  destination: DestinationStream = pino.destination({ fd: 1, sync: true }),
): Logger {
  return pino(
    {
      ...{ name, level, base: { name, pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime },
      // Temporal's SDK logs errors under this name.
      serializers: { err: pino.stdSerializers.errWithCause, error: pino.stdSerializers.errWithCause },
    },
    redactedLines(destination),
  );
}

const redactedLines = (destination: DestinationStream): DestinationStream => ({
  write: (line) => destination.write(visibleText(redactText(line))),
});

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
