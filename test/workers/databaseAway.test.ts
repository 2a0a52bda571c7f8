/**
 * The collector under its lease, as a worker runs it, and a real PostgreSQL that is killed, hangs, takes no writing, has no disk
 * left. Every bin of the time is there afterwards, once, with its count; what is wrong is said in words.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { createCollector } from '../../adapters/demand';
import { createCounterSource } from '../../adapters/demand/counters';
import { type Database, migrate, openDatabase } from '../../adapters/postgres';
import { categoryInput } from '../../core/category/settings';
import { causeInWords } from '../../core/failures/causeInWords';
import { findPort } from '../../installation/servers/ports';
import { ensureDatabase, postgresUrl, startPostgresServer } from '../../installation/servers/postgresServer';
import { type ProcessRecord, stopProcess } from '../../installation/servers/process';
import { parentOf } from '../../installation/servers/processTable';
import { leadOrFollow } from '../../workers/leadership';
import { measureMeanwhile } from '../../workers/measureMeanwhile';

jest.setTimeout(120_000);

const binMs = 1_000;
/** Longer than the lease lasts, and than a gap that samples alone bridge. */
const awayMs = 5_000;
const requestsPerBin = 100;

const folder = mkdtempSync(join(tmpdir(), 'pam-database-away-'));
const settings = categoryInput.parse({ name: 'shop', match: { pathPrefix: '/' }, bin: '1s', lead: '5s' });
let server: ProcessRecord;
let port: number;
let url: string;
let database: Database;
let warned: string[] = [];
const stop = new AbortController();
let collecting: Promise<void>;

const start = () =>
  startPostgresServer(
    {
      ...{ binaries: process.env.PAM_POSTGRES ?? '', folder: join(folder, 'postgres'), port },
      ...{ password: 'test', log: join(folder, 'postgres.log'), durable: false, detached: false },
    },
    () => undefined,
  );

async function admin(text: string): Promise<void> {
  const client = new Client({ connectionString: postgresUrl(port, 'test', 'pam') });
  client.on('error', () => undefined);
  await client.connect();
  await client.query('SET default_transaction_read_only = off');
  await client.query(text);
  await client.end();
}

beforeAll(async () => {
  port = await findPort();
  server = await start();
  await ensureDatabase(postgresUrl(port, 'test', 'postgres'), 'pam');
  url = postgresUrl(port, 'test', 'pam');
  await migrate(url);
  database = await openDatabase({ url, statementTimeoutMs: 2_000 });
  await database.categories.put(settings);
  const began = Date.now();
  const source = createCounterSource({
    name: 'envoy',
    knows: [],
    settleMs: () => 0,
    // As many requests in every millisecond: each bin has the same count, however the samples lie.
    read: async () =>
      new Map([['shop', { requests: ((Date.now() - began) * requestsPerBin) / binMs, startedMs: began }]]),
    samples: database.samples,
    now: Date.now,
  });
  const sources = { all: [source], of: () => source };
  const logger = {
    info: () => undefined,
    warn: (error: unknown, text?: string) => warned.push(`${text ?? ''}: ${causeInWords(error)}`),
  };
  collecting = leadOrFollow(
    { leases: database.leases, holder: 'test', logger: logger as never },
    {
      name: 'collector',
      run: (signal) =>
        createCollector({
          sources,
          categories: database.categories,
          demand: database.demand,
          onFailure: (error) => warned.push(causeInWords(error)),
          now: Date.now,
        }).run(signal),
      beside: measureMeanwhile(sources, logger as never),
    },
    stop.signal,
  );
});
afterAll(async () => {
  stop.abort();
  await collecting;
  await database?.close();
  await stopProcess(server, 'SIGINT', 5_000);
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  warned = [];
});

/** Measured bins that began in the span, by start. */
async function binsBetween(fromMs: number, toMs: number) {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ startMs: number; requests: number }>(
    `SELECT extract(epoch FROM start_at)::float8 * 1000 AS "startMs", requests FROM pam.bins
     WHERE category = 'shop' AND live AND start_at >= to_timestamp($1::float8 / 1000) AND start_at < to_timestamp($2::float8 / 1000)
     ORDER BY start_at`,
    [fromMs, toMs],
  );
  await client.end();
  return rows;
}

const grid = (ms: number) => Math.ceil(ms / binMs) * binMs;

/** Waits until the bins of the span are there and compares each of them. */
async function expectAllBins(fromMs: number, toMs: number): Promise<void> {
  const [from, to] = [grid(fromMs), grid(toMs)];
  const starts = Array.from({ length: (to - from) / binMs }, (_, index) => from + index * binMs);
  for (const end = Date.now() + 30_000; Date.now() < end; await sleep(200)) {
    const found = await binsBetween(from, to).catch(() => []);
    if (found.length === starts.length) break;
  }
  const found = await binsBetween(from, to);
  expect(found.map(({ startMs }) => Math.round(startMs))).toEqual(starts);
  for (const { requests } of found) expect(requests).toBeCloseTo(requestsPerBin, 0);
}

const children = (): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => parentOf(pid) === server.pid);

/** Each breaks the server, and resolves to what mends it. */
const faults: Record<string, { break: () => Promise<() => Promise<unknown>>; says: RegExp }> = {
  killed: {
    says: /ECONNREFUSED|terminat|ECONNRESET/,
    break: async () => {
      await stopProcess(server, 'SIGKILL', 5_000);
      return async () => {
        server = await start();
      };
    },
  },
  hanging: {
    says: /timeout|timed out|did not answer/i,
    break: async () => {
      const all = [server.pid, ...children()];
      for (const pid of all) process.kill(pid, 'SIGSTOP');
      return async () => {
        for (const pid of all) process.kill(pid, 'SIGCONT');
      };
    },
  },
  'read-only': {
    says: /takes no writing|read-only/,
    break: async () => {
      await admin('ALTER DATABASE pam SET default_transaction_read_only = on');
      await admin(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'pam' AND pid <> pg_backend_pid()`,
      );
      return () => admin('ALTER DATABASE pam RESET default_transaction_read_only');
    },
  },
  'out of disk': {
    says: /its disk is full/,
    break: async () => {
      await admin(
        `CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
           RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$;
         CREATE TRIGGER full_disk BEFORE INSERT ON pam.bins EXECUTE FUNCTION full_disk();
         CREATE TRIGGER full_disk BEFORE INSERT ON pam.counter_samples EXECUTE FUNCTION full_disk();`,
      );
      return () => admin('DROP FUNCTION full_disk CASCADE');
    },
  },
};

test.each(Object.entries(faults))(
  'PostgreSQL %s: bins are kept and written later, none twice',
  async (_, fault) => {
    const before = Date.now();
    for (const end = Date.now() + 20_000; Date.now() < end; await sleep(100))
      if ((await binsBetween(grid(before), Date.now())).length >= 2) break;
    const mend = await fault.break();
    await sleep(awayMs);
    await mend();
    const mendedMs = Date.now();
    await expectAllBins(before, mendedMs + 2 * binMs);
    expect(warned.join('\n')).toMatch(fault.says);
  },
);
