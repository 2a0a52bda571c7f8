/** A real PostgreSQL with TLS that demands client certificates: what is let in, and what is said of what is not. */
import {
  appendFileSync,
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { openDatabase } from '../../../adapters/postgres';
import { Connection } from '../../../adapters/postgres/connection/connection';
import { findPort } from '../../../installation/servers/ports';
import { postgresUrl, startPostgresServer } from '../../../installation/servers/postgresServer';
import { type ProcessRecord, stopProcess } from '../../../installation/servers/process';
import { serverIdentity } from '../../../installation/servers/serverIdentity';
import { type Signed, type TestAuthority, testAuthority } from '../../support/certificates';

let folder: string;
let record: ProcessRecord | undefined;
let ours: TestAuthority;
let theirs: TestAuthority;
let client: Signed;
let port = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pam-postgres-tls-'));
  chmodSync(folder, 0o755);
  const made = join(folder, 'certificates');
  mkdirSync(made);
  [ours, theirs] = [testAuthority(made, 'ours'), testAuthority(made, 'theirs')];
  const server = ours.sign('server', ['db.example.test', '127.0.0.1']);
  client = ours.sign('pam');
  const identity = serverIdentity(() => undefined);
  if (identity !== null) chownSync(server.key, identity.uid, identity.gid);
  chmodSync(server.key, 0o600);
  port = await findPort();
  const order = {
    ...{ binaries: process.env.PAM_POSTGRES ?? '', folder: join(folder, 'data'), port, password: 'test' },
    ...{ log: join(folder, 'postgres.log'), durable: false, detached: false },
    settings: [
      'ssl=on',
      `ssl_cert_file=${server.cert}`,
      `ssl_key_file=${server.key}`,
      `ssl_ca_file=${ours.ca}`,
    ],
  };
  mkdirSync(order.folder);
  record = await startPostgresServer(order, () => undefined);
  // The database "secure" is reached with TLS and a client certificate only.
  const admin = new Client({ connectionString: postgresUrl(port, 'test', 'postgres') });
  await admin.connect();
  await admin.query('CREATE DATABASE secure');
  const { rows } = await admin.query('SHOW hba_file');
  const file = String(rows[0].hba_file);
  const rules = readFileSync(file, 'utf8');
  writeFileSync(
    file,
    'hostssl secure all all scram-sha-256 clientcert=verify-full\nhostnossl secure all all reject\n',
  );
  appendFileSync(file, rules);
  await admin.query('SELECT pg_reload_conf()');
  await admin.end();
}, 60_000);
afterAll(async () => {
  if (record !== undefined) await stopProcess(record, 'SIGINT', 5_000);
  rmSync(folder, { recursive: true, force: true });
});

function address(parameters: Record<string, string>, host = '127.0.0.1', database = 'secure'): string {
  const url = new URL(postgresUrl(port, 'test', database));
  url.hostname = host;
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}
const certificate = () => ({ sslcert: client.cert, sslkey: client.key });
const verified = () => ({ sslmode: 'verify-full', sslrootcert: ours.ca });

async function ask(url: string): Promise<unknown> {
  const connection = new Connection({ url, poolSize: 1 });
  try {
    return await connection.run('ask', 'SELECT ssl, client_dn FROM pg_stat_ssl WHERE pid = pg_backend_pid()');
  } finally {
    await connection.close();
  }
}

test('the right CA, host and client certificate: connected, encrypted, known by name', async () => {
  expect(await ask(address({ ...verified(), ...certificate() }))).toEqual([
    { ssl: true, client_dn: '/CN=pam' },
  ]);
});

test('the tables are missed, so every check before has passed: that is what openDatabase says', async () => {
  await expect(openDatabase({ url: address({ ...verified(), ...certificate() }) })).rejects.toMatchObject({
    code: 'INVALID_CONFIG',
    message: expect.stringContaining('run the migrations'),
  });
});

test.each([
  [
    'another CA',
    () => address({ ...verified(), ...certificate(), sslrootcert: theirs.ca }),
    /no CA that is trusted here/,
  ],
  ['no CA, require', () => address({ ...certificate(), sslmode: 'require' }), /no CA that is trusted here/],
  [
    'another host',
    () => address({ ...verified(), ...certificate() }, 'localhost'),
    /certificate is for another host.*db\.example\.test/,
  ],
  [
    'another host, verify-ca',
    () => address({ ...verified(), ...certificate(), sslmode: 'verify-ca' }, 'localhost'),
    /for another host/,
  ],
])('%s: DENIED, with the cause', async (_, url, cause) => {
  const failure = await ask(url()).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 'DENIED', retryable: false, message: expect.stringMatching(cause) });
  expect((failure as Error).message).toContain('docs/access.md');
  expect((failure as Error).message).not.toContain('test@');
});

test('no TLS, no client certificate, one of another CA: refused by the server, DENIED', async () => {
  const other = theirs.sign('pam');
  const refused: [string, RegExp][] = [
    [address({}), /no pg_hba.conf entry|rejects connection/],
    [address(verified()), /certificate/],
    [
      address({ ...verified(), sslcert: other.cert, sslkey: other.key }),
      /CA of the client certificate|certificate/,
    ],
  ];
  for (const [url, cause] of refused)
    await expect(ask(url)).rejects.toMatchObject({ code: 'DENIED', message: expect.stringMatching(cause) });
});

test("libpq's meaning of require can be asked for: encrypted, unverified", async () => {
  const loose = { ...certificate(), sslmode: 'require', uselibpqcompat: 'true' };
  expect(await ask(address(loose, 'localhost'))).toMatchObject([{ ssl: true }]);
});

test('a server without TLS, a file that is not there, a mode that there is not', async () => {
  const plain = new URL(process.env.DATABASE_URL ?? '');
  plain.search = '?sslmode=verify-full';
  await expect(ask(plain.href)).rejects.toMatchObject({
    code: 'DENIED',
    message: expect.stringContaining('does not speak TLS'),
  });
  const missing = join(folder, 'missing.pem');
  expect(() => new Connection({ url: address({ sslmode: 'verify-full', sslrootcert: missing }) })).toThrow(
    /sslrootcert: .*missing\.pem/,
  );
  expect(() => new Connection({ url: address({ sslmode: 'verify_full' }) })).toThrow(
    /sslmode=verify_full: expected one of/,
  );
});
