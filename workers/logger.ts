/** Structured logs of a worker process: JSON lines on stdout, quiet by default. */
import pino, { type Logger } from 'pino';

export function createLogger(name: string, level: string): Logger {
  return pino({
    ...{ name, level, base: { name, pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime },
    // Temporal's SDK logs errors under this name.
    serializers: { error: pino.stdSerializers.err },
  });
}

/** Tells whoever started this process that it does its work now, whatever the log level. */
export function announceReady(name: string): void {
  process.stdout.write(
    `${JSON.stringify({ level: 30, time: new Date().toISOString(), name, pid: process.pid, msg: 'ready' })}\n`,
  );
}
