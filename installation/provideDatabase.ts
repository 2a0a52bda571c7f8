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
import { causeInWords } from '../core/failures/causeInWords';
import { redact } from '../core/text/redact';
import type { Installation } from './installation';
import { databaseName, readerRole, runtimeRole } from './recallInstallation';
import { findPort, portOf } from './servers/ports';
import {
  deniesPassword,
  ensureDatabase,
  postgresUrl,
  resetPassword,
  startPostgresServer,
  takesConnections,
} from './servers/postgresServer';
import type { StartContext } from './startContext';
import { markedEnvironment } from './startedBy';
import { findTool } from './tools/findTool';

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
  const { stateDir, report } = context;
  const folder = join(stateDir, 'postgres');
  const passwordFile = join(folder, 'password');
  let password = keptPassword(passwordFile);
  const roles = {
    runtime: { name: runtimeRole, password: keptPassword(join(folder, 'password-runtime')) },
    reader: { name: readerRole, password: keptPassword(join(folder, 'password-reader')) },
  };
  const at = (port: number): OwnDatabase => ({
    ...{ port, roles },
    ownerUrl: postgresUrl(port, password, databaseName),
  });
  const before = context.previous?.database.url ?? '';
  const port = before.includes('@127.0.0.1:') ? portOf(new URL(before).host) : 0;
  const running = context.running('postgres');
  if (running !== null && port !== 0) {
    const denied = await takesConnections(at(port).ownerUrl).then(() => false, deniesPassword);
    if (!denied) {
      report(`postgres: already runs at 127.0.0.1:${port}`);
      return at(port);
    }
  }
  // Its port or its password is not known any more. Two servers can’t share the data.
  if (running !== null) await context.replace(running);
  const binaries = await findTool('postgres', report);
  const chosen = await findPort(port);
  report('postgres: starting the server');
  const start = () =>
    startPostgresServer(
      {
        ...{ binaries, folder, password, port: chosen },
        log: join(stateDir, 'logs', 'postgres.log'),
        env: markedEnvironment(stateDir, {}),
        facts: { port: chosen },
        onStarted: context.started,
        ...(context.signal === undefined ? {} : { signal: context.signal }),
      },
      report,
    );
  const record = await start();
  try {
    await ensureDatabase(postgresUrl(chosen, password, 'postgres'), databaseName);
  } catch (error) {
    if (!deniesPassword(error)) throw error;
    report('postgres: the server denies the password on file, giving it a new one');
    await context.replace(record);
    password = newPassword(passwordFile);
    await resetPassword({ binaries, folder, password });
    await start();
    await ensureDatabase(postgresUrl(chosen, password, 'postgres'), databaseName);
  }
  return at(chosen);
}

/** Chosen once. Without it, every user of the machine could use the server on the loopback address. */
function keptPassword(file: string): string {
  const kept = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  return kept === '' ? newPassword(file) : kept;
}

function newPassword(file: string): string {
  const password = randomBytes(18).toString('base64url');
  replaceFile(file, password, { mode: 0o600 });
  return password;
}

async function useExisting({ report }: StartContext, url: string): Promise<string> {
  const shown = redact(url);
  report(`postgres: using the existing database ${shown}`);
  try {
    await takesConnections(url);
  } catch (error) {
    throw new PamError(
      'UNAVAILABLE',
      `PostgreSQL does not answer at ${shown} (${causeInWords(error)}): check DATABASE_URL (database.url), or unset it for an embedded one`,
      { cause: error },
    );
  }
  return url;
}
