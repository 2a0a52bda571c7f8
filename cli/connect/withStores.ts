/** The configuration → PAM’s database, for the time of one command; with the role that only reads where that is enough. */
import { type Database, openDatabase } from '../../adapters/postgres';
import { PamError } from '../../core/errors';
import { findDatabase } from './databaseUrl';

export async function withStores<Result>(
  configFile: string | undefined,
  work: (database: Database) => Promise<Result>,
  purpose: { readonly reading?: boolean } = {},
): Promise<Result> {
  const { url } = findDatabase(configFile, purpose);
  const database = await openDatabase({ url, poolSize: 4, applicationName: 'pam cli' });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

/** The same for a command that only reads and has results without the database: `complain` gets the reason why it is missing. */
export async function withStoresIfThere<Result>(
  configFile: string | undefined,
  complain: (why: string) => void,
  work: (database: Database | null) => Promise<Result>,
): Promise<Result> {
  let database: Database | null = null;
  try {
    database = await openDatabase({
      url: findDatabase(configFile, { reading: true }).url,
      poolSize: 4,
      applicationName: 'pam cli',
    });
  } catch (error) {
    if (!(error instanceof PamError)) throw error;
    complain(error.message);
  }
  try {
    return await work(database);
  } finally {
    await database?.close();
  }
}
