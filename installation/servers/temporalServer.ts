/**
 * The Temporal CLI and a file → its dev server with PAM’s search attributes. The dev server has no login. Its HTTP API is
 * closed, since web pages can send to it. Its gRPC port and those of its inner services are plain HTTP/2, which no browser
 * speaks. Its UI takes requests for any Host, so it listens where browsers do not connect; `temporalUi/` stands before it.
 */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { connectTemporal, type TemporalAddress } from '../../adapters/temporal/connect';
import { type ProcessRecord, startProcess, waitUntilReady } from './process';
import { searchAttributeTypes } from './searchAttributes';

export interface TemporalOrder {
  /** The Temporal CLI. */
  readonly binary: string;
  readonly port: number;
  /** null: without the UI. */
  readonly uiPort: number | null;
  /** Of its metrics; absent: any. */
  readonly metricsPort?: number | null;
  readonly namespace: string;
  /** File of the workflows; null: in memory, lost with the server. */
  readonly file: string | null;
  readonly log: string;
  /** Environment of the server; absent: ours. */
  readonly env?: NodeJS.ProcessEnv;
  readonly detached?: boolean;
  /** Called as soon as the process exists. */
  readonly onStarted?: (record: ProcessRecord) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Starts it and resolves when its namespace answers. Throws PamError UNAVAILABLE with the last log lines. */
export async function startTemporalServer(order: TemporalOrder): Promise<ProcessRecord> {
  if (order.file !== null) mkdirSync(dirname(order.file), { recursive: true, mode: 0o700 });
  const args = ['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(order.port)];
  args.push('--namespace', order.namespace, '--log-format', 'json', '--log-level', 'warn');
  args.push(...(order.uiPort === null ? ['--headless'] : ['--ui-port', String(order.uiPort)]));
  // No Host is allowed. Without this setting all are.
  args.push('--dynamic-config-value', 'frontend.httpAllowedHosts=[]');
  if (order.metricsPort) args.push('--metrics-port', String(order.metricsPort));
  if (order.file !== null) args.push('--db-filename', order.file);
  for (const [name, type] of Object.entries(searchAttributeTypes))
    args.push('--search-attribute', `${name}=${type}`);
  // A person’s own Temporal profile must not redirect the server that we start.
  const env = Object.fromEntries(
    Object.entries(order.env ?? process.env).filter(([name]) => !name.startsWith('TEMPORAL_')),
  );
  const record = await startProcess({
    name: 'temporal',
    command: order.binary,
    args,
    log: order.log,
    env,
    ...(order.detached === undefined ? {} : { detached: order.detached }),
  });
  order.onStarted?.(record);
  const where = { address: `127.0.0.1:${order.port}`, namespace: order.namespace, tls: false };
  await waitUntilReady(record, () => namespaceAnswers(where), 30_000, order.signal);
  return record;
}

/** Whether the server answers for that namespace. */
export async function namespaceAnswers(where: TemporalAddress): Promise<boolean> {
  const { client, close } = await connectTemporal(where, 2_000);
  try {
    await client.workflowService.describeNamespace({ namespace: where.namespace });
    return true;
  } finally {
    await close();
  }
}
