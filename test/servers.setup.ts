/**
 * Jest's global set-up of the project `servers`: real tools and servers enter the environment of the tests. Each one
 * whose variable is set already is left alone. Jest runs a set-up module once for all projects that name it, so the
 * project `workflows`, which needs less, has a module of its own.
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPort } from '../installation/servers/ports';
import { postgresUrl, startPostgresServer } from '../installation/servers/postgresServer';
import { startTemporalServer } from '../installation/servers/temporalServer';
import { put, putTools, report } from './support/testEnvironment';
import { stopTestServers, type TestServers, testServers } from './support/testServers';

export default async function setUp() {
  const servers = testServers();
  try {
    await putTools(servers, ['temporal', 'temporal-test-server', 'envoy', 'postgres', 'pulumi']);
    await putTemporal(servers);
    await putPostgres(servers);
  } catch (error) {
    await stopTestServers();
    throw error;
  }
}

function folderOf(servers: TestServers, name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `pam-test-${name}-`));
  // mkdtemp closes the folder to others, the user that PostgreSQL runs as among them.
  chmodSync(folder, 0o711);
  servers.removals.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function putTemporal(servers: TestServers): Promise<void> {
  if (process.env.TEMPORAL_ADDRESS) return;
  const port = await findPort();
  const record = await startTemporalServer({
    binary: process.env.PAM_TEMPORAL ?? '',
    port,
    uiPort: null,
    namespace: 'default',
    file: null,
    log: join(folderOf(servers, 'temporal'), 'temporal.log'),
    detached: false,
  });
  servers.processes.push({ record, signal: 'SIGTERM' });
  put(servers, 'TEMPORAL_ADDRESS', `127.0.0.1:${port}`);
}

async function putPostgres(servers: TestServers): Promise<void> {
  if (process.env.DATABASE_URL) return;
  const port = await findPort();
  const record = await startPostgresServer(
    {
      binaries: process.env.PAM_POSTGRES ?? '',
      folder: folderOf(servers, 'postgres'),
      port,
      password: 'test',
      log: join(folderOf(servers, 'postgres-log'), 'postgres.log'),
      durable: false,
      detached: false,
    },
    report,
  );
  servers.processes.push({ record, signal: 'SIGINT' });
  put(servers, 'DATABASE_URL', postgresUrl(port, 'test', 'postgres'));
}
