/** An installation that runs → one of each difference that the doctor is to find, by the hands that make them in life. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { createEnvoyRoutingTable } from '../../adapters/envoy';
import { thisMachine } from '../../adapters/nodes/local/machine';
import { startTicksOf } from '../../adapters/nodes/local/processIdentity';
import { openDatabase } from '../../adapters/postgres';
import { categoryInput } from '../../core/category/settings';
import type { Installation } from '../../installation/installation';
import { postgresUrl } from '../../installation/servers/postgresServer';
import { stopProcess } from '../../installation/servers/process';
import { markedEnvironment } from '../../installation/startedBy';

export interface PlantedDifferences {
  /** Started by the installation, as what a killed worker leaves. */
  readonly orphan: ChildProcess;
  /** A node that no record tells of. */
  readonly unknown: ChildProcess;
  /** A node on record that the proxy is not told of. */
  readonly unrouted: ChildProcess;
  stopEnvoy(): Promise<void>;
  /** A pool without its category, in the middle of a change, its stack cut off; a migration not run. */
  leaveAPool(): Promise<void>;
  /** Twice is harmless. */
  remove(): Promise<void>;
}

export async function plantDifferences(installation: Installation): Promise<PlantedDifferences> {
  const { stateDir, database, envoy, processes } = installation;
  const run = (env: NodeJS.ProcessEnv) =>
    spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore', env });
  const node = (id: string) => run({ PAM_STATE: stateDir, PAM_NODE_ID: id, PAM_CATEGORY: 'shared' });
  const orphan = run(markedEnvironment(stateDir, process.env));
  const [unknown, unrouted] = [node('unknown'), node('unrouted')];
  const stores = await openDatabase({ url: database.url });
  const routing = createEnvoyRoutingTable({ store: stores.routes, adminUrl: envoy.adminUrl });
  const settings = categoryInput.parse({ name: 'shop', match: { pathPrefix: '/shop' } });
  await stores.categories.put(settings);
  const lease = await stores.leases.acquire('pool:shared', 'test', 60_000);
  if (lease === null) throw new Error('no lease');
  const nodes = ['unrouted', 'dead'];
  await stores.ledger.put('shared', 'local', { phase: 'applied', rule: null, nodes }, lease);
  const order = { category: 'shared', stack: 'shared', template: settings.node, settings: {} };
  const life = { createdBy: 'test', createdMs: Date.now(), expiresMs: Date.now() + 86_400_000 };
  const place = { machine: thisMachine(), stateDir, host: '127.0.0.1', port: 1, log: '' };
  const going = { drainUntilMs: null, asked: false, ended: false };
  const pid = unrouted.pid ?? 0;
  for (const process of [
    { id: 'unrouted', pid, startTicks: startTicksOf(pid) },
    { id: 'dead', pid: 1, startTicks: 1 },
  ]) {
    await stores.localNodes.add({ ...order, ...life, ...place, ...going, ...process });
    await stores.localNodes.started('shared', process.id, process.pid, process.startTicks ?? 0);
  }
  await routing.putEndpoint('shared', { id: 'gone', host: '127.0.0.1', port: 1, healthPath: '/healthz' });
  const sql = (text: string) => statement(ownerUrl(installation), text);
  await sql("UPDATE pam.categories SET created_at = now() - interval '1 hour'");
  await routing.close();
  await stores.close();
  const stack = join(stateDir, 'pulumi', '.pulumi', 'stacks', 'pam', 'left.json');
  return {
    ...{ orphan, unknown, unrouted },
    async stopEnvoy() {
      const record = processes.find(({ name }) => name === 'envoy');
      if (record === undefined) throw new Error('no Envoy on record');
      await stopProcess(record, 'SIGKILL', 5_000);
    },
    async leaveAPool() {
      await sql("DELETE FROM pam.migrations WHERE name = '0006_doctor'");
      await sql('DROP TABLE pam.workers');
      await sql(
        "UPDATE pam.pools SET category = 'left', phase = 'updating', since = now() - interval '1 hour'",
      );
      mkdirSync(join(stack, '..'), { recursive: true });
      writeFileSync(stack, '{"version":');
    },
    async remove() {
      for (const one of [orphan, unknown, unrouted]) one.kill('SIGKILL');
      await sql('DELETE FROM pam.pools');
      await sql('DELETE FROM pam.local_nodes');
      rmSync(stack, { force: true });
    },
  };
}

/** The superuser of an embedded database. */
export function ownerUrl({ stateDir, database }: Installation): string {
  const password = readFileSync(join(stateDir, 'postgres', 'password'), 'utf8');
  return postgresUrl(Number(new URL(database.url).port), password, 'pam');
}

async function statement(url: string, text: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(text);
  await client.end();
}
