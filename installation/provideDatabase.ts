/**
 * A start’s context → the URL of a PostgreSQL database with PAM’s tables. Of our own server the superuser only migrates;
 * workers get a role that can do what they do, and commands that only read one that can only read.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../adapters/files/replaceFile';
import { ensureRoles, migrate } from '../adapters/postgres';
import { PamError } from '../core/errors';
import { redact } from '../core/text/redact';
import { messageOf } from '../core/thrown';
import type { Installation } from './installation';
import { findPort, portOf } from './servers/ports';
import { ensureDatabase, postgresUrl, startPostgresServer, takesConnections } from './servers/postgresServer';
import type { StartContext } from './startContext';
import { markedEnvironment } from './startedBy';
import { findTool } from './tools/findTool';

const databaseName = 'pam';

export async function provideDatabase(context: StartContext): Promise<Installation['database']> {
  const { url: existing, ownerUrl, readerUrl } = context.config.database;
  if (existing !== undefined) {
    const url = await useExisting(context, existing);
    await migrateAs(context, ownerUrl ?? url);
    return { url, ...(readerUrl === undefined ? {} : { readerUrl }), ours: false };
  }
  const own = await ownDatabase(context);
  await migrateAs(context, own.ownerUrl);
  await ensureRoles(own.ownerUrl, own.roles);
  const [url, reader] = [own.roles.runtime, own.roles.reader].map(({ name, password }) =>
    postgresUrl(own.port, password, databaseName, name),
  ) as [string, string];
  return { url, readerUrl: reader, ours: true };
}

async function migrateAs({ report }: StartContext, ownerUrl: string): Promise<void> {
  const applied = await migrate(ownerUrl);
  if (applied.length > 0) report(`postgres: applied ${applied.length} migrations`);
}

interface OwnDatabase {
  readonly port: number;
  /** Its superuser. */
  readonly ownerUrl: string;
  readonly roles: {
    readonly [role in 'runtime' | 'reader']: { readonly name: string; readonly password: string };
  };
}

async function ownDatabase(context: StartContext): Promise<OwnDatabase> {
  const kept = (name: string) => keptPassword(join(context.stateDir, 'postgres', name));
  const password = kept('password');
  const roles = {
    runtime: { name: 'pam_runtime', password: kept('password-runtime') },
    reader: { name: 'pam_reader', password: kept('password-reader') },
  };
  const at = (port: number): OwnDatabase => ({
    ...{ port, roles },
    ownerUrl: postgresUrl(port, password, databaseName),
  });
  const before = context.previous?.database.url ?? '';
  const port = before.includes('@127.0.0.1:') ? portOf(new URL(before).host) : 0;
  const running = context.running('postgres');
  // An installation of an earlier version has its superuser on record.
  const recorded = [
    postgresUrl(port, roles.runtime.password, databaseName, roles.runtime.name),
    at(port).ownerUrl,
  ];
  if (running !== null && recorded.includes(before)) {
    context.report(`postgres: already runs at 127.0.0.1:${port}`);
    return at(port);
  }
  // Left by a start that was interrupted before its port was recorded. Two servers can’t share the data.
  if (running !== null) await context.replace(running);
  const binaries = await findTool('postgres', context.report);
  const chosen = await findPort(port);
  context.report('postgres: starting the server');
  await startPostgresServer(
    {
      binaries,
      folder: join(context.stateDir, 'postgres'),
      port: chosen,
      password,
      log: join(context.stateDir, 'logs', 'postgres.log'),
      env: markedEnvironment(context.stateDir, {}),
      onStarted: context.started,
      ...(context.signal === undefined ? {} : { signal: context.signal }),
    },
    context.report,
  );
  await ensureDatabase(postgresUrl(chosen, password, 'postgres'), databaseName);
  return at(chosen);
}

/** Chosen once. Without it, every user of the machine could use the server on the loopback address. */
function keptPassword(file: string): string {
  if (!existsSync(file)) replaceFile(file, randomBytes(18).toString('base64url'), { mode: 0o600 });
  return readFileSync(file, 'utf8');
}

async function useExisting({ report }: StartContext, url: string): Promise<string> {
  const shown = redact(url);
  report(`postgres: using the existing database ${shown}`);
  try {
    await takesConnections(url);
  } catch (error) {
    throw new PamError(
      'UNAVAILABLE',
      `PostgreSQL does not answer at ${shown} (${messageOf(
        error,
      )}): check DATABASE_URL (database.url), or unset it for an embedded one`,
      { cause: error },
    );
  }
  return url;
}
