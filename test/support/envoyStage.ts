/** A real Envoy with an empty discovery folder, and little HTTP servers to stand behind it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import { writeBootstrap } from '../../adapters/envoy';
import { findPort } from '../../installation/servers/ports';
import type { Endpoint } from '../../ports/routingTable';

export interface EnvoyStage {
  readonly discoveryDir: string;
  readonly adminUrl: string;
  readonly entry: string;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export async function startEnvoy(): Promise<EnvoyStage> {
  const binary = process.env.PAM_ENVOY;
  if (!binary) throw new Error('PAM_ENVOY: expected the path of the Envoy executable');
  const folder = mkdtempSync(join(tmpdir(), 'pam-envoy-'));
  const [adminPort, port] = [await findPort(), await findPort()];
  const adminUrl = `http://127.0.0.1:${adminPort}`;
  const bootstrap = await writeBootstrap({
    discoveryDir: folder,
    admin: { host: '127.0.0.1', port: adminPort },
    listen: { host: '127.0.0.1', port },
  });
  const log = join(folder, 'envoy.log');

  async function start(): Promise<ChildProcess> {
    const args = ['-c', bootstrap, '--concurrency', '1', '--log-level', 'warning', '--disable-hot-restart'];
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
    discoveryDir: folder,
    adminUrl,
    entry: `http://127.0.0.1:${port}`,
    restart: async () => {
      await end();
      child = await start();
    },
    stop: async () => {
      await end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export interface Backend {
  readonly endpoint: Endpoint;
  /** Paths of the requests that it answered, health checks left out. */
  readonly served: string[];
  healthy: boolean;
  close(): Promise<void>;
}

/** Answers its own id after `delayMs`. */
export async function startBackend(id: string, delayMs = 0): Promise<Backend> {
  const served: string[] = [];
  const server: Server = createServer(async (incoming: IncomingMessage, answer: ServerResponse) => {
    if (incoming.url === '/healthz') return void answer.writeHead(backend.healthy ? 200 : 503).end();
    if (incoming.url === '/fail') return void answer.writeHead(500).end(id);
    served.push(incoming.url ?? '');
    await sleep(Number(incoming.headers['x-delay'] ?? delayMs));
    answer.writeHead(200).end(id);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const backend: Backend = {
    endpoint: { id, host: '127.0.0.1', port: (server.address() as AddressInfo).port, healthPath: '/healthz' },
    served,
    healthy: true,
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
