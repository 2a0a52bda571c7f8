/**
 * Structured logs of a worker process: JSON lines on stdout, quiet by default, Temporal's own included. Each line is
 * redacted and encoded where it leaves the process, whatever it was made from: messages, errors and their causes.
 */
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

/** Tells whoever started this process that it does its work now, whatever the log level. */
export function announceReady(name: string): void {
  process.stdout.write(
    `${JSON.stringify({ level: 30, time: new Date().toISOString(), name, pid: process.pid, msg: 'ready' })}\n`,
  );
}
