/** The address of a database in, its schema brought up to date, names of the migrations that ran out. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { runner } from 'node-pg-migrate';
import type { PoolClient } from 'pg';
import { PamError } from '../../core/errors';
import { Connection } from './connection/connection';
import { translateError } from './connection/translateError';

/** Any number that no other program locks on: "PAM" and a version. */
const lockId = 80_65_77_01;

/**
 * Creates or updates the tables of PAM in the schema `pam`; nothing to do is success. Processes that start at the
 * same time wait for each other.
 * @throws PamError INVALID_CONFIG if the schema is that of another version, which has migrations unknown to this one.
 */
export async function migrate(url: string): Promise<string[]> {
  const connection = new Connection({ url, poolSize: 1, statementTimeoutMs: 300_000 });
  try {
    const client = await connection.client('connect to migrate the schema');
    try {
      await client.query('SELECT pg_advisory_lock($1)', [lockId]);
      const dir = migrationsFolder();
      // A role that may not change tables can still ask for migrations, as an import does.
      if (!(await pending(client, dir, connection.place))) return [];
      const ran = await runner({
        dbClient: client,
        dir,
        direction: 'up',
        migrationsTable: 'migrations',
        migrationsSchema: 'pam',
        createMigrationsSchema: true,
        checkOrder: true,
        // The lock above waits; the library's own fails at once.
        noLock: true,
        log: () => undefined,
      });
      return ran.map(({ name }) => name);
    } catch (error) {
      throw translateError(error, connection.place, 'migrate the schema');
    } finally {
      // Ends the session and its lock.
      client.release(true);
    }
  } finally {
    await connection.close();
  }
}

/** Whether a migration of ours has not run. Throws PamError if one has run that is not ours. */
async function pending(client: PoolClient, dir: string, place: string): Promise<boolean> {
  const { rows: tables } = await client.query<{ found: boolean }>(
    `SELECT to_regclass('pam.migrations') IS NOT NULL AS found`,
  );
  if (tables[0]?.found !== true) return true;
  const known = new Set(readdirSync(dir).map((file) => file.replace(/\.sql$/, '')));
  const { rows } = await client.query<{ name: string }>('SELECT name FROM pam.migrations ORDER BY id');
  const unknown = rows.map(({ name }) => name).filter((name) => !known.has(name));
  if (unknown.length > 0)
    throw new PamError(
      'INVALID_CONFIG',
      `the database ${place} was migrated by another version of PAM (${unknown.join(', ')}): run that version, or use an empty database; "pam down --purge" deletes the embedded one`,
    );
  const applied = new Set(rows.map(({ name }) => name));
  return [...known].some((name) => !applied.has(name));
}

/** The SQL lies beside the source, not in `dist/`: from there it is three folders up. */
function migrationsFolder(): string {
  const folders = [
    join(__dirname, 'migrations'),
    join(__dirname, '..', '..', '..', 'adapters', 'postgres', 'migrations'),
  ];
  const found = folders.find((folder) => existsSync(join(folder, '0001_initial.sql')));
  if (found === undefined) throw new Error(`no migrations in ${folders.join(' or ')}`);
  return found;
}
