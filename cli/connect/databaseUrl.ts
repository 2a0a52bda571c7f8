/** The configuration → the address of the database with PAM’s data. */
import { loadConfig } from '../../config/load';
import type { Config } from '../../config/schema';
import { PamError } from '../../core/errors';
import { withInstallation } from '../../installation/runningConfig';

/** `reading`: the role that only reads, if there is one. Throws PamError INVALID_CONFIG if neither the configuration nor a running installation names one. */
export function findDatabase(
  configFile: string | undefined,
  { reading = false }: { readonly reading?: boolean } = {},
): {
  readonly url: string;
  readonly config: Config;
} {
  const config = withInstallation(loadConfig({ file: configFile }));
  const { url } = config.database;
  if (url === undefined)
    throw new PamError(
      'INVALID_CONFIG',
      `no database: none runs from ${config.stateDir}, and none is configured: start one with "pam up", or set DATABASE_URL`,
    );
  return { url: reading ? (config.database.readerUrl ?? url) : url, config };
}
