/**
 * A database of a test file's own, with PAM's schema and stores, made before its tests and dropped after them. The stores
 * work as the role of the workers, so every test of them shows that its rights are enough.
 */
import { randomBytes } from 'node:crypto';
import { type Database, ensureRoles, migrate, openDatabase } from '../../adapters/postgres';
import { asRole, createTestDatabase, type TestDatabase } from './database';

/** Call it at the top of the file; `ready` is called before the first test, with the URL of the database's owner. */
export function suiteDatabase(ready: (database: Database, url: string) => void): void {
  let server: TestDatabase | undefined;
  let database: Database | undefined;

  beforeAll(async () => {
    server = await createTestDatabase();
    await migrate(server.url);
    const password = randomBytes(8).toString('hex');
    const { runtime, reader } = server.roles;
    await ensureRoles(server.url, { runtime: { name: runtime, password }, reader: { name: reader } });
    database = await openDatabase({ url: asRole(server.url, runtime, password) });
    ready(database, server.url);
  }, 60_000);

  afterAll(async () => {
    await database?.close();
    await server?.drop();
  });
}
