/**
 * The addresses of existing servers → servers ready for PAM: tables migrated, search attributes in the namespace,
 * Envoy’s bootstrap in the discovery folder. `pam up` does the same; containers use this.
 */
import { join } from 'node:path';
import type { CommandModule } from 'yargs';
import { discoveryAddress, discoveryFolder } from '../../../config/discoveryAddress';
import { loadConfig } from '../../../config/load';
import { PamError } from '../../../core/errors';

interface PrepareArguments {
  readonly config?: string;
}

// biome-ignore lint/complexity/noBannedTypes: yargs declares the options of a command that way
export const prepareCommand: CommandModule<{}, PrepareArguments> = {
  command: 'prepare',
  describe: 'Prepare existing servers for PAM: tables, search attributes, Envoy’s configuration',
  builder: (options) =>
    options.example('$0 prepare', 'once before the workers start, if `pam up` is not used (containers)'),
  handler: async (argv) => {
    const { writeBootstrap } = await import('../../../adapters/envoy/index.js');
    const { ensureRoles, migrate } = await import('../../../adapters/postgres/index.js');
    const { connectTemporal } = await import('../../../adapters/temporal/connect.js');
    const { ensureSearchAttributes } = await import('../../../installation/servers/searchAttributes.js');
    const config = loadConfig({ file: argv.config });
    const { temporal, database, envoy } = config;
    const report = (line: string) => process.stderr.write(`${line}\n`);
    const applied = await migrate(database.ownerUrl ?? required(database.url, 'DATABASE_URL (database.url)'));
    report(`postgres: ${applied.length} migrations applied`);
    const { PAM_RUNTIME_PASSWORD: runtime, PAM_READER_PASSWORD: reader } = process.env;
    if (database.ownerUrl !== undefined && (runtime || reader)) {
      await ensureRoles(database.ownerUrl, {
        runtime: { name: 'pam_runtime', password: runtime || undefined },
        reader: { name: 'pam_reader', password: reader || undefined },
      });
      report('postgres: roles pam_runtime and pam_reader are in place');
    }
    required(temporal.address, 'TEMPORAL_ADDRESS (temporal.address)');
    const connected = await connectTemporal(temporal);
    try {
      const added = await ensureSearchAttributes(connected, temporal.namespace);
      report(`temporal: ${added.length} search attributes added`);
    } finally {
      await connected.close();
    }
    const admin = new URL(required(envoy.adminUrl, 'ENVOY_ADMIN_URL (envoy.adminUrl)'));
    const { tls } = config.discovery;
    const file = writeBootstrap(join(discoveryFolder(config), 'envoy.json'), {
      discovery: discoveryAddress(config),
      ...(tls === undefined ? {} : { tls }),
      admin: { host: admin.hostname, port: Number(admin.port || 80) },
      listen: { host: envoy.listenHost, port: envoy.listenPort },
    });
    report(`envoy: start it with -c ${file}`);
  },
};

function required(value: string | undefined, setting: string): string {
  if (value !== undefined) return value;
  throw new PamError(
    'INVALID_CONFIG',
    `${setting}: expected the address of an existing server for "pam prepare"`,
  );
}
