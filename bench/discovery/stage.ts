/**
 * Numbers in → a database with that many categories and endpoints, discovery as a process of its own, an Envoy that it feeds,
 * and nodes that answer: all of it real, on loopback.
 */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { request } from 'undici';
import { writeBootstrap } from '../../adapters/envoy';
import { migrate } from '../../adapters/postgres';
import { projectRoot } from '../../config/projectRoot';
import { findPort } from '../../installation/servers/ports';

export interface Sizes {
  readonly categories: number;
  readonly endpoints: number;
}

/** Of a category, with the address of each of its nodes: one process answers for all loopback addresses. */
export const addressOf = (category: number, endpoint: number): string =>
  `127.${1 + Math.floor(category / 250)}.${category % 250}.${1 + endpoint}`;
export const nameOf = (category: number): string => `c${category}`;
export const headerOf = (category: number): Record<string, string> => ({ 'x-category': nameOf(category) });

/** Rules by header and endpoints of each category. */
export async function seed(databaseUrl: string, { categories, endpoints }: Sizes, port: number): Promise<void> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  const numbers = Array.from({ length: categories }, (_, category) => category);
  await client.query(
    `INSERT INTO pam.routing_rules (category, match, match_key)
     SELECT name, jsonb_build_object('header', jsonb_build_object('name', 'x-category', 'value', name)), name
     FROM unnest($1::text[]) AS name`,
    [numbers.map(nameOf)],
  );
  const all = numbers.flatMap((category) =>
    Array.from({ length: endpoints }, (_, endpoint) => ({ category, host: addressOf(category, endpoint) })),
  );
  await client.query(
    `INSERT INTO pam.routing_endpoints (pool, id, host, port, health_path)
     SELECT pool, host, host, $3, '/healthz' FROM unnest($1::text[], $2::text[]) AS one(pool, host)`,
    [all.map(({ category }) => nameOf(category)), all.map(({ host }) => host), port],
  );
  await client.end();
}

export interface NodesProcess {
  readonly port: number;
  readonly child: ChildProcess;
}

export async function startNodes(): Promise<NodesProcess> {
  const child = fork(join(__dirname, 'answer.cjs'));
  const [port] = (await once(child, 'message')) as [number];
  return { port, child };
}

export interface Running {
  readonly child: ChildProcess;
  readonly pid: number;
  log(): string;
  end(signal?: NodeJS.Signals): Promise<void>;
}

function run(command: string, args: readonly string[], log: string, env: NodeJS.ProcessEnv): Running {
  const out = openSync(log, 'a');
  const child = spawn(command, [...args], { stdio: ['ignore', out, out], env });
  return {
    child,
    pid: child.pid ?? 0,
    log: () => readFileSync(log, 'utf8'),
    async end(signal = 'SIGKILL') {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill(signal);
      await exited;
    },
  };
}

export interface Stage {
  readonly folder: string;
  readonly entry: string;
  readonly adminUrl: string;
  readonly databaseUrl: string;
  startDiscovery(databaseUrl?: string): Promise<Running>;
  startEnvoy(): Promise<Running>;
  /** Ends what runs, and deletes its folder. */
  close(): Promise<void>;
}

/** @param databaseUrl of an empty database. */
export async function createStage(databaseUrl: string, envoy: string): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'pam-discovery-'));
  const [adminPort, port] = [await findPort(), await findPort()];
  const adminUrl = `http://127.0.0.1:${adminPort}`;
  const entry = `http://127.0.0.1:${port}`;
  const bootstrap = writeBootstrap(join(folder, 'envoy.json'), {
    discovery: `unix:${join(folder, 'xds.sock')}`,
    admin: { host: '127.0.0.1', port: adminPort },
    listen: { host: '127.0.0.1', port },
  });
  await migrate(databaseUrl);
  const script = join(projectRoot(), 'dist', 'workers', 'discovery.js');
  if (!existsSync(script)) throw new Error(`${script} does not exist: run "make build" first`);
  const started: Running[] = [];
  const start = (running: Running): Running => {
    started.push(running);
    return running;
  };
  return {
    folder,
    entry,
    adminUrl,
    databaseUrl,
    async startDiscovery(url = databaseUrl) {
      const log = join(folder, 'discovery.log');
      const before = existsSync(log) ? readFileSync(log, 'utf8').length : 0;
      const running = start(
        run(process.execPath, ['--enable-source-maps', script], log, {
          ...process.env,
          PAM_CONFIG: '',
          DATABASE_URL: url,
          PAM_STATE: folder,
          PAM_DISCOVERY_DIR: folder,
          PAM_LOG_LEVEL: 'info',
        }),
      );
      await waitFor('discovery is ready', () => running.log().slice(before).includes('"msg":"ready"'), running);
      return running;
    },
    async startEnvoy() {
      const args = ['-c', bootstrap, '--concurrency', '1', '--log-level', 'warning', '--disable-hot-restart'];
      const running = start(run(envoy, args, join(folder, 'envoy.log'), process.env));
      await waitFor('Envoy is ready', () => isReady(adminUrl), running);
      return running;
    },
    async close() {
      for (const one of started.reverse()) await one.end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export async function isReady(adminUrl: string): Promise<boolean> {
  try {
    const { statusCode, body } = await request(`${adminUrl}/ready`);
    await body.dump();
    return statusCode === 200;
  } catch {
    return false;
  }
}

export async function waitFor(
  what: string,
  check: () => boolean | Promise<boolean>,
  running?: Running,
  withinMs = 60_000,
): Promise<void> {
  for (const end = Date.now() + withinMs; ; await sleep(10)) {
    if (await check()) return;
    if (running !== undefined && running.child.exitCode !== null)
      throw new Error(`not so: ${what}; it ended:\n${running.log().slice(-3_000)}`);
    if (Date.now() > end) throw new Error(`not within ${withinMs} ms: ${what}\n${running?.log().slice(-3_000) ?? ''}`);
  }
}

/** Resident memory, MB. */
export function memoryMb(pid: number): number {
  const [, kb = '0'] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kb) / 1_024;
}

/** Processor time since its start, ms. */
export function processorMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
