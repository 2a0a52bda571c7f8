/** A start’s context → the URL of a PostgreSQL database with PAM’s tables. */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../adapters/files/replaceFile';
import { migrate } from '../adapters/postgres';
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
  const existing = context.config.database.url;
  const url = existing === undefined ? await ownDatabase(context) : await useExisting(context, existing);
  const applied = await migrate(url);
  if (applied.length > 0) context.report(`postgres: applied ${applied.length} migrations`);
  return { url, ours: existing === undefined };
}

async function ownDatabase(context: StartContext): Promise<string> {
  const password = keptPassword(join(context.stateDir, 'postgres', 'password'));
  const before = context.previous?.database.url ?? '';
  const port = before.includes('@127.0.0.1:') ? portOf(new URL(before).host) : 0;
  const known = postgresUrl(port, password, databaseName);
  const running = context.running('postgres');
  if (running !== null && before === known) {
    context.report(`postgres: already runs at 127.0.0.1:${port}`);
    return known;
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
  return postgresUrl(chosen, password, databaseName);
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
