/**
 * Jest's global set-up of the projects with servers: real tools and servers enter the environment of the tests. Each
 * one whose variable is set already is left alone. `workflows` needs only Temporal's tools; `servers` all of it.
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../infra/embedded/ports';
import { postgresUrl, startPostgresServer } from '../infra/embedded/postgresServer';
import { startTemporalServer } from '../infra/embedded/temporalServer';
import { findTool } from '../infra/tools/findTool';
import { type ToolName, toolSpecifications } from '../infra/tools/specification';
import { stopTestServers, type TestServers, testServers } from './support/testServers';

const report = (line: string) => process.stderr.write(`[test servers] ${line}\n`);

export default async function setUp(_global: unknown, project: { displayName?: { name: string } }) {
  const servers = testServers();
  try {
    const tools: ToolName[] = ['temporal', 'temporal-test-server'];
    if (project.displayName?.name !== 'workflows') tools.push('envoy', 'postgres', 'pulumi');
    for (const name of tools) await putTool(servers, name);
    if (project.displayName?.name === 'workflows') return;
    await putTemporal(servers);
    await putPostgres(servers);
  } catch (error) {
    await stopTestServers();
    throw error;
  }
}

function put(servers: TestServers, variable: string, value: string): void {
  process.env[variable] = value;
  servers.variables.push(variable);
}

async function putTool(servers: TestServers, name: ToolName): Promise<void> {
  const { variable } = toolSpecifications[name];
  if (!process.env[variable]) put(servers, variable, await findTool(name, report));
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
  const port = await freePort();
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
  const port = await freePort();
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
