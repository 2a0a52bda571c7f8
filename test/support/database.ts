/** `DATABASE_URL` of the tests' server in, a fresh empty database of its own out, dropped when the test file is done. */
import { randomBytes } from 'node:crypto';
import { Client } from 'pg';

export interface TestDatabase {
  readonly url: string;
  /** Names of its own for roles of the server, which are dropped with it. */
  readonly roles: { readonly runtime: string; readonly reader: string };
  /** Ends what is still connected to it and drops it. */
  drop(): Promise<void>;
}

export async function createTestDatabase(): Promise<TestDatabase> {
  const server = process.env.DATABASE_URL;
  if (server === undefined || server === '')
    throw new Error('DATABASE_URL is not set: it must name the PostgreSQL server that the tests may use');
  const name = `pam_test_${randomBytes(8).toString('hex')}`;
  await execute(server, `CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const roles = { runtime: `${name}_runtime`, reader: `${name}_reader` };
  return {
    ...{ url: url.toString(), roles },
    drop: async () => {
      await execute(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      await execute(server, `DROP ROLE IF EXISTS ${roles.runtime}, ${roles.reader}`);
    },
  };
}

/** The same database for another role. */
export function asRole(url: string, role: string, password: string): string {
  const other = new URL(url);
  [other.username, other.password] = [role, password];
  return other.href;
}

async function execute(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
