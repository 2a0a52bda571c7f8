/** What a person and a retry policy are told when the database is away, refuses, or has no tables. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { migrate, openDatabase } from '../../../adapters/postgres';
import { Connection } from '../../../adapters/postgres/connection/connection';
import { createTestDatabase, type TestDatabase } from '../../support/database';

let server: TestDatabase;

beforeAll(async () => {
  server = await createTestDatabase();
}, 30_000);
afterAll(() => server?.drop());

async function failureOf(
  work: Promise<unknown>,
): Promise<{ code: string; retryable: boolean; message: string }> {
  const error: unknown = await work.then(
    () => new Error('expected a failure'),
    (thrown: unknown) => thrown,
  );
  if (error instanceof Error && 'code' in error && 'retryable' in error)
    return { code: String(error.code), retryable: error.retryable === true, message: error.message };
  throw error;
}

test('nobody listens: UNAVAILABLE, worth a retry, without the password', async () => {
  const failure = await failureOf(openDatabase({ url: 'postgres://pam:s3cret@127.0.0.1:1/pam' }));
  expect(failure).toMatchObject({ code: 'UNAVAILABLE', retryable: true });
  expect(failure.message).toContain('127.0.0.1:1/pam');
  expect(failure.message).not.toContain('s3cret');
});

test('no tables: says to migrate; an unknown database: says so; an address of something else: says the form', async () => {
  expect(await failureOf(openDatabase({ url: server.url }))).toMatchObject({
    code: 'INVALID_CONFIG',
    retryable: false,
    message: expect.stringContaining('run the migrations'),
  });
  const missing = new URL(server.url);
  missing.pathname = '/pam_no_such_database';
  expect(await failureOf(openDatabase({ url: missing.toString() }))).toMatchObject({
    code: 'INVALID_CONFIG',
    message: expect.stringContaining('create the database'),
  });
  expect(await failureOf(openDatabase({ url: 'mysql://u:s3cret@h/db' }))).toMatchObject({
    code: 'INVALID_CONFIG',
    message: expect.not.stringContaining('s3cret'),
  });
});

test('migrations run once, also when several processes start at the same time', async () => {
  const ran = await Promise.all([migrate(server.url), migrate(server.url), migrate(server.url)]);
  const files = readdirSync(join(__dirname, '../../../adapters/postgres/migrations')).sort();
  expect(ran.flat()).toEqual(files.map((file) => file.replace(/\.sql$/, '')));
  expect(await migrate(server.url)).toEqual([]);
});

test('a schema of another version is left alone: says so and what to do', async () => {
  const client = new Client({ connectionString: server.url });
  await client.connect();
  try {
    await client.query("INSERT INTO pam.migrations (name, run_on) VALUES ('0002_of_another_version', now())");
    expect(await failureOf(migrate(server.url))).toMatchObject({
      code: 'INVALID_CONFIG',
      message: expect.stringMatching(/another version of PAM \(0002_of_another_version\).*empty database/),
    });
    await client.query("DELETE FROM pam.migrations WHERE name = '0002_of_another_version'");
    expect(await migrate(server.url)).toEqual([]);
  } finally {
    await client.end();
  }
});

test('connections ended by an administrator: UNAVAILABLE, then the pool works again', async () => {
  const connection = new Connection({ url: server.url, poolSize: 1, applicationName: 'pam-victim' });
  const admin = new Client({ connectionString: server.url });
  await admin.connect();
  try {
    const hanging = failureOf(connection.run('wait', 'SELECT pg_sleep(30)'));
    await terminateWhenThere(admin);
    expect(await hanging).toMatchObject({ code: 'UNAVAILABLE', retryable: true });
    expect(await connection.run('answer', 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    // An idle connection that ends must not end the process.
    await terminateWhenThere(admin);
    expect(await connection.run('answer', 'SELECT 2 AS two')).toEqual([{ two: 2 }]);
  } finally {
    await admin.end();
    await connection.close();
  }
}, 30_000);

async function terminateWhenThere(admin: Client): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const { rowCount } = await admin.query(
      `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'pam-victim'`,
    );
    if (rowCount !== null && rowCount > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('the connection never appeared');
}

test('a statement that takes too long is cancelled and worth a retry', async () => {
  const connection = new Connection({ url: server.url, statementTimeoutMs: 50 });
  expect(await failureOf(connection.run('wait', 'SELECT pg_sleep(5)'))).toMatchObject({
    code: 'UNAVAILABLE',
    retryable: true,
  });
  await connection.close();
});

test('a deadlock is a CONFLICT, worth a retry', async () => {
  const connection = new Connection({ url: server.url });
  await connection.run(
    'prepare',
    'CREATE TABLE IF NOT EXISTS pairs AS SELECT n, 0 AS v FROM generate_series(1, 2) n',
  );
  let arrived = 0;
  const both = async () => {
    arrived++;
    while (arrived < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  const lock = (first: number, second: number) =>
    connection.transaction('lock two rows', async (run) => {
      await run('', 'UPDATE pairs SET v = v + 1 WHERE n = $1', [first]);
      await both();
      await run('', 'UPDATE pairs SET v = v + 1 WHERE n = $1', [second]);
    });
  const results = await Promise.allSettled([lock(1, 2), lock(2, 1)]);
  const refused = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  expect(refused).toHaveLength(1);
  expect(refused[0]).toMatchObject({ code: 'CONFLICT', retryable: true });
  expect(await connection.run('read', 'SELECT v FROM pairs ORDER BY n')).toEqual([{ v: 1 }, { v: 1 }]);
  await connection.close();
}, 30_000);
