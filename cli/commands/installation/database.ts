/** The configuration → its database migrated, or the roles of workers and readers made or printed as SQL. */
import type { CommandModule } from 'yargs';
import { loadConfig } from '../../../config/load';
import { PamError } from '../../../core/errors';

interface DatabaseArguments {
  readonly config?: string;
  readonly action: 'migrate' | 'roles';
  readonly runtime: string;
  readonly reader: string;
  readonly apply: boolean;
}

const explanation = `Three roles share the work, so that none has more than it needs:
  owner    owns the tables: migrates them, makes the other two. DATABASE_OWNER_URL
  runtime  what workers do: reads and writes rows; no table of its own, no other database. DATABASE_URL
  reader   only reads: dashboards, and the commands that only read. DATABASE_READER_URL

The passwords of new roles come from PAM_RUNTIME_PASSWORD and PAM_READER_PASSWORD; without one a role can't log in with a
password. "pam up" does all of this for the embedded database.

Exit codes: 0 done, 64 wrong arguments, 69 the database does not answer, 77 the owner may not do it, 78 not configured.`;

// biome-ignore lint/complexity/noBannedTypes: yargs declares the options of a command that way
export const databaseCommand: CommandModule<{}, DatabaseArguments> = {
  command: 'database <action>',
  describe: 'Migrate an existing database, or make its roles with the least rights',
  builder: (options) =>
    options
      .positional('action', { choices: ['migrate', 'roles'] as const, demandOption: true })
      .option('runtime', {
        type: 'string',
        requiresArg: true,
        default: 'pam_runtime',
        describe: 'name of the role for workers',
      })
      .option('reader', {
        type: 'string',
        requiresArg: true,
        default: 'pam_reader',
        describe: 'name of the role that only reads',
      })
      .option('apply', {
        type: 'boolean',
        default: false,
        describe: 'with roles: do it; without it the SQL is printed, for a DBA and psql',
      })
      .example(
        'DATABASE_OWNER_URL=postgres://pam_owner@db/pam $0 database migrate',
        'create or update the tables',
      )
      .example('$0 database roles', 'the SQL')
      .example('PAM_RUNTIME_PASSWORD=… PAM_READER_PASSWORD=… $0 database roles --apply', 'make them')
      .epilogue(explanation),
  handler: async (argv) => {
    const { database } = loadConfig({ file: argv.config });
    const ownerUrl = database.ownerUrl ?? database.url;
    const postgres = await import('../../../adapters/postgres/index.js');
    const { PAM_RUNTIME_PASSWORD: runtime, PAM_READER_PASSWORD: reader } = process.env;
    const roles = {
      runtime: { name: argv.runtime, password: runtime || undefined },
      reader: { name: argv.reader, password: reader || undefined },
    };
    if (argv.action === 'roles' && !argv.apply) {
      const name = ownerUrl === undefined ? 'pam' : decodeURIComponent(new URL(ownerUrl).pathname.slice(1));
      for (const line of postgres.roleStatements(roles, name)) process.stdout.write(`${line};\n`);
      return;
    }
    if (ownerUrl === undefined)
      throw new PamError(
        'INVALID_CONFIG',
        'DATABASE_OWNER_URL (database.ownerUrl): expected the address of an existing database for its owner; "pam up" prepares the embedded one by itself',
      );
    if (argv.action === 'migrate') {
      const applied = await postgres.migrate(ownerUrl);
      process.stdout.write(applied.length === 0 ? 'nothing to do\n' : `applied ${applied.join(', ')}\n`);
      return;
    }
    await postgres.ensureRoles(ownerUrl, roles);
    for (const { name, password } of [roles.runtime, roles.reader])
      process.stdout.write(`${name}: in place${password === undefined ? ', its password unchanged' : ''}\n`);
  },
};
