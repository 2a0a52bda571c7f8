/** PostgreSQL’s binaries and a folder → a server on a loopback port with a password. */
import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { Client } from 'pg';
import { checkedAddress } from '../../adapters/postgres/connection/address';
import { PamError } from '../../core/errors';
import { runStep } from '../tools/runStep';
import { type ProcessRecord, startProcess, waitUntilReady } from './process';
import { canReach, type ServerIdentity, serverIdentity } from './serverIdentity';

export interface PostgresOrder {
  /** Folder with initdb and postgres. */
  readonly binaries: string;
  /** PAM’s folder for the data folder, or for a link to it. */
  readonly folder: string;
  readonly port: number;
  readonly password: string;
  readonly log: string;
  /** false: writes may be lost if the machine crashes; for tests. */
  readonly durable?: boolean;
  /** Further settings of the server, such as `ssl=on`. */
  readonly settings?: readonly string[];
  /** Further variables of the server's environment. */
  readonly env?: NodeJS.ProcessEnv;
  readonly detached?: boolean;
  /** Called as soon as the process exists. */
  readonly onStarted?: (record: ProcessRecord) => void;
  readonly signal?: AbortSignal;
}

/** Superuser of every server that PAM starts. */
const postgresUser = 'pam';

/** URL of a database of a server started here, for its superuser unless another role is named. */
export function postgresUrl(port: number, password: string, database: string, role = postgresUser): string {
  return `postgres://${role}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;
}

/**
 * Initializes the data folder unless it exists, and starts the server. Resolves when it takes connections. Throws
 * PamError UNAVAILABLE with the last log lines, INVALID_DATA if the data belong to another major version.
 */
export async function startPostgresServer(
  order: PostgresOrder,
  report: (line: string) => void,
): Promise<ProcessRecord> {
  const identity = serverIdentity(report);
  const binaries = identity === null ? order.binaries : reachableBinaries(order.binaries, identity, report);
  const data = postgresDataFolder(order.folder, identity, report);
  if (!existsSync(join(data, 'PG_VERSION')))
    await initialize(binaries, data, order.password, identity, report);
  await requireSameVersion(binaries, data);
  const durability =
    order.durable === false ? ['-F', '-c', 'synchronous_commit=off', '-c', 'full_page_writes=off'] : [];
  const record = await startProcess({
    name: 'postgres',
    command: join(binaries, 'postgres'),
    args: [
      ...['-D', data, '-h', '127.0.0.1', '-p', String(order.port)],
      // Paths of sockets are limited to about 100 characters; TCP on the loopback address is enough.
      ...['-c', 'unix_socket_directories=', '-c', 'max_connections=200', ...durability],
      ...(order.settings ?? []).flatMap((setting) => ['-c', setting]),
    ],
    log: order.log,
    cwd: data,
    env: { ...order.env, PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' },
    identity,
    ...(order.detached === undefined ? {} : { detached: order.detached }),
  });
  order.onStarted?.(record);
  const url = postgresUrl(order.port, order.password, 'postgres');
  await waitUntilReady(record, () => takesConnections(url), 30_000, order.signal);
  return record;
}

/** Whether a connection with these credentials is accepted. */
export async function takesConnections(url: string): Promise<boolean> {
  const client = new Client({ connectionString: checkedAddress(url), connectionTimeoutMillis: 2_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('SELECT 1');
    return true;
  } finally {
    await client.end().catch(() => {});
  }
}

/** Creates a database unless it exists. `adminUrl` names another one on the same server. */
export async function ensureDatabase(adminUrl: string, database: string): Promise<void> {
  const client = new Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [database]);
    if (found.rowCount === 0) await client.query(`CREATE DATABASE "${database.replaceAll('"', '""')}"`);
  } finally {
    await client.end();
  }
}

/** The link or folder `<folder>/data`. If the server’s user can’t reach it, a link to a folder under /var/tmp. */
function postgresDataFolder(
  folder: string,
  identity: ServerIdentity | null,
  report: (line: string) => void,
): string {
  const data = join(folder, 'data');
  // The folder itself, not the link, which the server’s user may not reach.
  if (existsSync(data)) return realpathSync(data);
  // mkdir would fail on a link whose folder is gone.
  if (lstatSync(data, { throwIfNoEntry: false }) !== undefined) rmSync(data);
  mkdirSync(folder, { recursive: true, mode: identity === null ? 0o700 : 0o711 });
  if (identity !== null && !canReach(folder, identity)) {
    const name = createHash('sha256').update(resolve(folder)).digest('hex').slice(0, 12);
    const elsewhere = mkdtempSync(`/var/tmp/pam-postgres-${name}-`);
    report(`the user "${identity.user}" can't reach ${folder}: the data are kept in ${elsewhere}`);
    chownSync(elsewhere, identity.uid, identity.gid);
    chmodSync(elsewhere, 0o700);
    symlinkSync(elsewhere, data);
    return elsewhere;
  }
  mkdirSync(data, { mode: 0o700 });
  if (identity !== null) chownSync(data, identity.uid, identity.gid);
  return data;
}

/** The binaries if the server’s user can reach them; else a copy of ours under /var/tmp. */
function reachableBinaries(
  binaries: string,
  identity: ServerIdentity,
  report: (line: string) => void,
): string {
  if (canReach(binaries, identity)) return binaries;
  const installation = dirname(binaries);
  const name = createHash('sha256').update(installation).digest('hex').slice(0, 12);
  const copy = `/var/tmp/pam-postgres-binaries-${name}`;
  const owner = lstatSync(copy, { throwIfNoEntry: false })?.uid;
  if (owner !== undefined && owner !== process.getuid?.())
    throw new PamError(
      'DENIED',
      `${copy} belongs to another user: remove it, or set PAM_POSTGRES or DATABASE_URL`,
    );
  if (!existsSync(join(copy, 'bin', 'postgres'))) {
    report(`the user "${identity.user}" can't reach ${binaries}: copying PostgreSQL to ${copy}`);
    // A copy for the server's user, of what anybody may have.
    const before = process.umask(0o022);
    mkdirSync(copy, { recursive: true });
    cpSync(installation, copy, { recursive: true, verbatimSymlinks: true });
    chmodSync(copy, 0o755);
    process.umask(before);
  }
  return join(copy, 'bin');
}

async function initialize(
  binaries: string,
  data: string,
  password: string,
  identity: ServerIdentity | null,
  report: (line: string) => void,
): Promise<void> {
  report('PostgreSQL: making a data folder');
  // initdb wants an empty data folder, so the password has a folder of its own.
  const waiting = mkdtempSync(join(tmpdir(), 'pam-initdb-'));
  const file = join(waiting, 'password');
  writeFileSync(file, `${password}\n`, { mode: 0o600 });
  if (identity !== null) {
    chownSync(waiting, identity.uid, identity.gid);
    chownSync(file, identity.uid, identity.gid);
  }
  try {
    const args = ['-D', data, '-U', postgresUser, '--auth=scram-sha-256', `--pwfile=${file}`, '-E', 'UTF8'];
    args.push('--no-locale', '--no-sync', '--no-instructions');
    const { code, tail } = await runStep(join(binaries, 'initdb'), args, {
      cwd: waiting,
      env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' },
      identity,
    });
    if (code !== 0) throw new PamError('UNAVAILABLE', `initdb failed in ${data}: ${tail}`);
  } finally {
    rmSync(waiting, { recursive: true, force: true });
  }
}

async function requireSameVersion(binaries: string, data: string): Promise<void> {
  const kept = readFileSync(join(data, 'PG_VERSION'), 'utf8').trim();
  const { tail } = await runStep(join(binaries, 'postgres'), ['--version'], {});
  const major = /(\d{1,9})\.\d/.exec(tail)?.[1];
  if (major !== undefined && major !== kept)
    throw new PamError(
      'INVALID_DATA',
      `the data in ${data} are of PostgreSQL ${kept}, ${binaries} is ${major}: set PAM_POSTGRES to a PostgreSQL ${kept}, or remove the data with "pam down --purge"`,
    );
}
