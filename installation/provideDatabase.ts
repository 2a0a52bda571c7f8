/** A start’s context → the URL of a PostgreSQL database with PAM’s tables. */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../adapters/files/replaceFile';
import { migrate } from '../adapters/postgres';
import { PamError } from '../core/errors';
import { causeInWords } from '../core/failures/causeInWords';
import { redact } from '../core/text/redact';
import type { Installation } from './installation';
import { databaseName } from './recallInstallation';
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
  const existing = context.config.database.url;
  const url = existing === undefined ? await ownDatabase(context) : await useExisting(context, existing);
  const applied = await migrate(url);
  if (applied.length > 0) context.report(`postgres: applied ${applied.length} migrations`);
  return { url, ours: existing === undefined };
}

async function ownDatabase(context: StartContext): Promise<string> {
  const { stateDir, report } = context;
  const folder = join(stateDir, 'postgres');
  const passwordFile = join(folder, 'password');
  let password = keptPassword(passwordFile, context.previous);
  const before = context.previous?.database.url ?? '';
  const port = before.includes('@127.0.0.1:') ? portOf(new URL(before).host) : 0;
  const running = context.running('postgres');
  if (running !== null && port !== 0) {
    const known = postgresUrl(port, password, databaseName);
    const denied = await takesConnections(known).then(() => false, deniesPassword);
    if (!denied) {
      report(`postgres: already runs at 127.0.0.1:${port}`);
      return known;
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
  return postgresUrl(chosen, password, databaseName);
}

/**
 * Chosen once. Without it, every user of the machine could use the server on the loopback address. If its file is lost, the
 * record of the last start has it.
 */
function keptPassword(file: string, previous: Installation | null): string {
  const kept = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  if (kept !== '') return kept;
  const recorded = previous?.database.ours === true && URL.canParse(previous.database.url);
  const password = recorded ? decodeURIComponent(new URL(previous.database.url).password) : '';
  return newPassword(file, password === '' ? undefined : password);
}

function newPassword(file: string, password = randomBytes(18).toString('base64url')): string {
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
