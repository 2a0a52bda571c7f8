/**
 * A real Envoy, the discovery that feeds it over a socket from a real database, and little HTTP servers to stand behind it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ServerCredentials } from '@grpc/grpc-js';
import { request } from 'undici';
import { writeBootstrap } from '../../adapters/envoy';
import { type Discovery, runDiscovery } from '../../adapters/envoy/discovery/runDiscovery';
import { migrate } from '../../adapters/postgres';
import { openRoutingStore } from '../../adapters/postgres/openRoutingStore';
import { findPort } from '../../installation/servers/ports';
import type { Endpoint } from '../../ports/routingTable';
import type { RoutingStore } from '../../ports/stores/routing/routingStore';
import { createTestDatabase } from './database';

export interface EnvoyStage {
  readonly databaseUrl: string;
  readonly store: RoutingStore;
  readonly folder: string;
  readonly adminUrl: string;
  readonly entry: string;
  readonly envoyPid: number;
  /** Kills Envoy and starts it again; `whileDown` is awaited in between. */
  restart(whileDown?: () => Promise<void>): Promise<void>;
  /** What discovery has warned of. */
  readonly warnings: readonly string[];
  startDiscovery(): Promise<void>;
  stopDiscovery(): Promise<void>;
  stop(): Promise<void>;
}

export interface EnvoyStageOptions {
  /** A migrated database; absent: one of its own. */
  readonly databaseUrl?: string;
  /** What discovery connects to, in place of the database itself. */
  readonly discoveryDatabaseUrl?: string;
  readonly concurrency?: number;
  readonly logLevel?: string;
}

/** A start with discovery’s socket in it is ready with its first look at the database. */
export async function startEnvoy(options: EnvoyStageOptions = {}): Promise<EnvoyStage> {
  const binary = process.env.PAM_ENVOY;
  if (!binary) throw new Error('PAM_ENVOY: expected the path of the Envoy executable');
  const folder = mkdtempSync(join(tmpdir(), 'pam-envoy-'));
  const [adminPort, port] = [await findPort(), await findPort()];
  const adminUrl = `http://127.0.0.1:${adminPort}`;
  const own = options.databaseUrl === undefined ? await createTestDatabase() : null;
  const databaseUrl = options.databaseUrl ?? own?.url ?? '';
  if (own !== null) await migrate(own.url);
  const store = openRoutingStore({ url: databaseUrl });
  const ofDiscovery = openRoutingStore({ url: options.discoveryDatabaseUrl ?? databaseUrl });
  const address = `unix:${join(folder, 'xds.sock')}`;
  const bootstrap = writeBootstrap(join(folder, 'envoy.json'), {
    discovery: address,
    admin: { host: '127.0.0.1', port: adminPort },
    listen: { host: '127.0.0.1', port },
    adminPaths: ['/reset_counters'],
  });
  const warnings: string[] = [];
  let discovery: Discovery | null = null;
  const startDiscovery = async () => {
    discovery = await runDiscovery({
      store: ofDiscovery,
      id: `test-${randomUUID()}`,
      snapshotFile: join(folder, 'snapshot.json'),
      address,
      credentials: ServerCredentials.createInsecure(),
      log: {
        info: () => undefined,
        warn: (fields, message) => warnings.push(`${message} ${JSON.stringify(fields)}`),
      },
      now: Date.now,
      lookEveryMs: 500,
    });
    await discovery.ready;
  };
  await startDiscovery();
  const log = join(folder, 'envoy.log');

  async function start(): Promise<ChildProcess> {
    const args = [
      '-c',
      bootstrap,
      '--concurrency',
      String(options.concurrency ?? 1),
      '--disable-hot-restart',
    ];
    args.push('--log-level', options.logLevel ?? 'warning');
    const out = openSync(log, 'a');
    const child = spawn(binary as string, args, { stdio: ['ignore', out, out] });
    for (let tries = 0; tries < 200; tries++) {
      if (child.exitCode !== null) break;
      const ready = await request(`${adminUrl}/ready`).then(
        async ({ statusCode, body }) => {
          await body.dump();
          return statusCode === 200;
        },
        () => false,
      );
      if (ready) return child;
      await sleep(50);
    }
    throw new Error(`Envoy did not start:\n${readFileSync(log, 'utf8').slice(-2_000)}`);
  }

  let child = await start();
  const end = async () => {
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  };
  return {
    databaseUrl,
    store,
    folder,
    adminUrl,
    entry: `http://127.0.0.1:${port}`,
    get envoyPid() {
      return child.pid ?? 0;
    },
    restart: async (whileDown) => {
      await end();
      await whileDown?.();
      child = await start();
    },
    warnings,
    startDiscovery,
    stopDiscovery: async () => {
      await discovery?.close();
      discovery = null;
    },
    stop: async () => {
      await end();
      await discovery?.close();
      await Promise.all([store.close(), ofDiscovery.close()]);
      await own?.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export interface Backend {
  readonly endpoint: Endpoint;
  /** Paths of the requests that it answered, health checks left out. */
  readonly served: string[];
  healthy: boolean;
  /** Answers 500 to everything but its health check. */
  failing: boolean;
  close(): Promise<void>;
}

/** Answers its own id after `delayMs`. */
export async function startBackend(id: string, delayMs = 0): Promise<Backend> {
  const served: string[] = [];
  const server: Server = createServer(async (incoming: IncomingMessage, answer: ServerResponse) => {
    if (incoming.url === '/healthz') return void answer.writeHead(backend.healthy ? 200 : 503).end();
    if (incoming.url === '/fail') return void answer.writeHead(500).end(id);
    served.push(incoming.url ?? '');
    if (backend.failing) return void answer.writeHead(500).end(id);
    await sleep(Number(incoming.headers['x-delay'] ?? delayMs));
    answer.writeHead(200).end(id);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const backend: Backend = {
    endpoint: { id, host: '127.0.0.1', port: (server.address() as AddressInfo).port, healthPath: '/healthz' },
    served,
    healthy: true,
    failing: false,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return backend;
}

export async function ask(
  entry: string,
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; by: string }> {
  const { statusCode, body } = await request(`${entry}${path}`, { headers });
  return { status: statusCode, by: await body.text() };
}
