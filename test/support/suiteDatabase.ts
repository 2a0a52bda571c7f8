/** A database of a test file's own, with PAM's schema and stores, made before its tests and dropped after them. */
import { type Database, migrate, openDatabase } from '../../adapters/postgres';
import { createTestDatabase, type TestDatabase } from './database';

/** Call it at the top of the file; `ready` is called before the first test. */
export function suiteDatabase(ready: (database: Database, url: string) => void): void {
  let server: TestDatabase | undefined;
  let database: Database | undefined;

  beforeAll(async () => {
    server = await createTestDatabase();
    await migrate(server.url);
    database = await openDatabase({ url: server.url });
    ready(database, server.url);
  }, 60_000);

  afterAll(async () => {
    await database?.close();
    await server?.drop();
  });
}
