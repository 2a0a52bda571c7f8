/** The configuration → the database's address, which a process that `pam up` did not start must be given. */
import type { Config } from '../config/schema';
import { PamError } from '../core/errors';

export function requireDatabaseUrl(config: Config): string {
  if (config.database.url === undefined)
    throw new PamError(
      'INVALID_CONFIG',
      'DATABASE_URL: expected postgres://user:password@host:port/name; "pam up" sets it for the workers that it starts',
    );
  return config.database.url;
}
