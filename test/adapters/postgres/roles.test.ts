/**
 * What the three roles may and may not do. That the runtime role can do all that workers do is shown by the tests of the
 * stores, which run as it (test/support/suiteDatabase.ts).
 */
import { Client } from 'pg';
import { ensureRoles, migrate, openDatabase, roleStatements } from '../../../adapters/postgres';
import { asRole, createTestDatabase, type TestDatabase } from '../../support/database';

let server: TestDatabase;
let urls: { owner: string; runtime: string; reader: string };
const password = "it's \\ secret";

beforeAll(async () => {
  server = await createTestDatabase();
  const owner = `${server.roles.runtime}_owner`;
  const database = new URL(server.url).pathname.slice(1);
  await asSuperuser(`CREATE ROLE ${owner} LOGIN CREATEROLE PASSWORD 'owner'`);
  await asSuperuser(`ALTER DATABASE ${database} OWNER TO ${owner}`);
  const { runtime, reader } = server.roles;
  urls = {
    owner: asRole(server.url, owner, 'owner'),
    runtime: asRole(server.url, runtime, encodeURIComponent(password)),
    reader: asRole(server.url, reader, encodeURIComponent(password)),
  };
}, 30_000);
afterAll(async () => {
  const owner = `${server.roles.runtime}_owner`;
  const admin = process.env.DATABASE_URL ?? '';
  await server.drop();
  await run(admin, `DROP ROLE IF EXISTS ${owner}`);
});

const asSuperuser = (statement: string) => run(server.url, statement);

async function run(url: string, statement: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

const roles = () => ({
  runtime: { name: server.roles.runtime, password },
  reader: { name: server.roles.reader, password },
});

test('an owner without superuser migrates and makes the roles; before the tables it is told what to do first', async () => {
  await expect(ensureRoles(urls.owner, roles())).rejects.toMatchObject({
    code: 'INVALID_CONFIG',
    message: expect.stringContaining('pam database migrate'),
  });
  expect((await migrate(urls.owner)).length).toBeGreaterThan(0);
  await ensureRoles(urls.owner, roles());
  await ensureRoles(urls.owner, roles());
  // A role that may change no table can ask for migrations all the same, if there are none to run.
  expect(await migrate(urls.runtime)).toEqual([]);
});

test('the runtime role reads and writes rows, and has no other right', async () => {
  const database = await openDatabase({ url: urls.runtime });
  expect(await database.categories.list()).toEqual([]);
  await database.close();
  const refused = [
    'DROP TABLE pam.bins',
    'TRUNCATE pam.bins',
    'ALTER TABLE pam.bins ADD COLUMN x int',
    'CREATE TABLE pam.mine (x int)',
    'CREATE TABLE public.mine (x int)',
    'CREATE SCHEMA mine',
    'CREATE ROLE mine',
    'SELECT * FROM pg_authid',
    "INSERT INTO pam.migrations (name, run_on) VALUES ('x', now())",
    'DELETE FROM pam.migrations',
    "COPY pam.bins TO PROGRAM 'cat'",
    "SELECT pg_read_file('/etc/passwd')",
    `SET ROLE "${new URL(urls.owner).username}"`,
  ];
  for (const statement of refused)
    await expect(run(urls.runtime, statement).then(() => statement)).rejects.toMatchObject({ code: '42501' });
});

test('the reader reads every table and writes nowhere, not even if it says that it may', async () => {
  const database = await openDatabase({ url: urls.reader });
  expect(await database.categories.list()).toEqual([]);
  await expect(database.fleet.setBudget(3, 'me')).rejects.toMatchObject({
    code: expect.stringMatching(/DENIED|REJECTED/),
  });
  await database.close();
  const tables = (await run(
    urls.reader,
    "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname = 'pam'",
  )) as { name: string }[];
  expect(tables.length).toBeGreaterThan(10);
  await run(urls.reader, tables.map(({ name }) => `SELECT 1 FROM ${name} LIMIT 1`).join('; '));
  for (const statement of [
    'DELETE FROM pam.bins',
    "UPDATE pam.fleet_claims SET reason = ''",
    'CREATE TEMPORARY TABLE x (y int)',
    'SELECT * FROM pg_authid',
  ])
    await expect(
      run(urls.reader, `BEGIN READ WRITE; ${statement}`).then(() => statement),
    ).rejects.toMatchObject({ code: '42501' });
});

test('tables of later migrations are covered, and a table of nobody else is reached', async () => {
  await run(urls.owner, 'CREATE TABLE pam.later (id bigint GENERATED ALWAYS AS IDENTITY, x int)');
  await run(urls.runtime, 'INSERT INTO pam.later (x) VALUES (1); DELETE FROM pam.later');
  expect(await run(urls.reader, 'SELECT * FROM pam.later')).toEqual([]);
  await run(urls.owner, 'DROP TABLE pam.later');
});

test('a wrong password is DENIED, without it; odd names are refused before anything is run', async () => {
  const wrong = asRole(server.url, server.roles.runtime, 'wr0ng');
  const failure = await openDatabase({ url: wrong }).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 'DENIED', message: expect.not.stringContaining('wr0ng') });
  const odd = { runtime: { name: 'x"; DROP ROLE pam' }, reader: { name: 'r' } };
  expect(() => roleStatements(odd, 'pam')).toThrow(/expected 1 to 63/);
});
