/**
 * Names of two roles → the SQL that lets one do what workers do and the other only read, and nothing else. The owner of
 * the tables, who migrates them, runs it; running it again changes nothing.
 */
import { Client } from 'pg';
import { PamError } from '../../core/errors';
import { checkedAddress } from './connection/address';
import { describeDatabase, translateError } from './connection/translateError';

export interface DatabaseRole {
  readonly name: string;
  /** Absent: the password stays as it is; a new role then has none. */
  readonly password?: string | undefined;
}

export interface DatabaseRoles {
  /** Workers and the commands that write. */
  readonly runtime: DatabaseRole;
  /** Dashboards and the commands that read. */
  readonly reader: DatabaseRole;
}

const limits = 'LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS';

/** Statements without passwords: for a person to read and for psql. `database` is the one with PAM's tables. */
export function roleStatements({ runtime, reader }: DatabaseRoles, database: string): string[] {
  const [write, read, place] = [runtime.name, reader.name, database].map(identifier) as [
    string,
    string,
    string,
  ];
  return [
    ...[write, read].map((role) => createIfMissing(role)),
    // Everybody may connect and make temporary tables unless this is taken away.
    `REVOKE ALL ON DATABASE ${place} FROM PUBLIC`,
    'REVOKE CREATE ON SCHEMA public FROM PUBLIC',
    // An import fills a temporary table first.
    `GRANT CONNECT, TEMPORARY ON DATABASE ${place} TO ${write}`,
    `GRANT CONNECT ON DATABASE ${place} TO ${read}`,
    `GRANT USAGE ON SCHEMA pam TO ${write}, ${read}`,
    `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA pam TO ${write}`,
    `GRANT USAGE ON ALL SEQUENCES IN SCHEMA pam TO ${write}`,
    // Who writes this table decides which migrations run.
    `REVOKE INSERT, UPDATE, DELETE ON pam.migrations FROM ${write}`,
    `GRANT SELECT ON ALL TABLES IN SCHEMA pam TO ${read}`,
    // Tables of later migrations of this owner.
    `ALTER DEFAULT PRIVILEGES IN SCHEMA pam GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ${write}`,
    `ALTER DEFAULT PRIVILEGES IN SCHEMA pam GRANT USAGE ON SEQUENCES TO ${write}`,
    `ALTER DEFAULT PRIVILEGES IN SCHEMA pam GRANT SELECT ON TABLES TO ${read}`,
  ];
}

/** Creates the roles or brings them up to date. `ownerUrl`: who owns the tables and may create roles. */
export async function ensureRoles(ownerUrl: string, roles: DatabaseRoles): Promise<void> {
  const place = describeDatabase(ownerUrl);
  const client = new Client({ connectionString: checkedAddress(ownerUrl), connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const [found] = (
      await client.query<{ name: string; migrated: boolean }>(
        `SELECT current_database() AS name, to_regclass('pam.migrations') IS NOT NULL AS migrated`,
      )
    ).rows;
    if (found?.migrated !== true)
      throw new PamError(
        'INVALID_CONFIG',
        `the database ${place} has no tables of PAM yet: run "pam database migrate" first`,
      );
    await client.query('BEGIN');
    // Two that start at once would change the same rows of the catalogue.
    await client.query('SELECT pg_advisory_xact_lock(80657702)');
    for (const statement of roleStatements(roles, found.name)) await client.query(statement);
    for (const { name, password } of [roles.runtime, roles.reader])
      if (password !== undefined)
        await client.query(`ALTER ROLE ${identifier(name)} PASSWORD ${client.escapeLiteral(password)}`);
    await client.query('COMMIT');
  } catch (error) {
    throw translateError(error, place, 'give the roles their rights');
  } finally {
    await client.end().catch(() => undefined);
  }
}

function createIfMissing(role: string): string {
  // CREATE ROLE knows no IF NOT EXISTS. A role that a DBA made keeps its own attributes.
  return `DO $$ BEGIN CREATE ROLE ${role} ${limits}; EXCEPTION WHEN duplicate_object THEN NULL; END $$`;
}

const nameOfRole = /^[a-z_][a-z0-9_-]{0,62}$/i;

function identifier(name: string): string {
  if (!nameOfRole.test(name))
    throw new PamError(
      'INVALID_INPUT',
      `${name}: expected 1 to 63 letters, digits, _ and - as the name of a role or database`,
    );
  return `"${name}"`;
}
