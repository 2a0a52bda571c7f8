/**
 * Real faults of what feeds a real Envoy, while requests of several categories go through it: what was good goes on to be
 * served, and a fault costs at most the category that has it.
 */
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { createEnvoyRoutingTable } from '../../../adapters/envoy';
import { migrate } from '../../../adapters/postgres';
import { sharedPoolName } from '../../../ports/routingTable';
import { type CuttableServer, startCuttableServer } from '../../support/cuttableServer';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { ask, type Backend, type EnvoyStage, startBackend, startEnvoy } from '../../support/envoyStage';
import { until } from '../../support/nodeStage';

jest.setTimeout(60_000);

let server: TestDatabase;
let network: CuttableServer;
let envoy: EnvoyStage;
let table: ReturnType<typeof createEnvoyRoutingTable>;
let impatient: ReturnType<typeof createEnvoyRoutingTable>;
let sql: Client;
const backends: Backend[] = [];
const names = ['a', 'b', 'c', 'd'];

async function backend(id: string): Promise<Backend> {
  const started = await startBackend(id);
  backends.push(started);
  return started;
}

const served = async (path: string) => (await ask(envoy.entry, path)).by;
const servedBy = (path: string, by: string) =>
  until(
    `${path} is served by ${by}`,
    async () => (await served(path).catch(() => '')).startsWith(by),
    10_000,
  );
const allServed = async (): Promise<void> => {
  // A node that was just removed may be one of them.
  for (const name of names)
    expect(await ask(envoy.entry, `/${name}/1`)).toEqual({
      status: 200,
      by: expect.stringMatching(`^${name}-`),
    });
};

beforeAll(async () => {
  server = await createTestDatabase();
  await migrate(server.url);
  network = await startCuttableServer(server.url);
  envoy = await startEnvoy({ databaseUrl: server.url, discoveryDatabaseUrl: network.url });
  table = createEnvoyRoutingTable(envoy);
  impatient = createEnvoyRoutingTable({ ...envoy, takenWithinMs: 300 });
  sql = new Client({ connectionString: server.url });
  await sql.connect();
  await table.putEndpoint(sharedPoolName, (await backend('shared-1')).endpoint);
  for (const name of names) {
    await table.putRule({ category: name, match: { pathPrefix: `/${name}` } });
    await table.putEndpoint(name, (await backend(`${name}-1`)).endpoint);
    await servedBy(`/${name}`, `${name}-1`);
  }
});
afterAll(async () => {
  await sql?.end();
  await Promise.all([table?.close(), impatient?.close()]);
  await envoy?.stop();
  await network?.close();
  await server?.drop();
  for (const one of backends) await one.close().catch(() => undefined);
});

test('what a proxy refuses costs its category only: it keeps what it had, and the caller is told why', async () => {
  // No setting passes this; a row that a person writes does. The name of a header may not be empty for Envoy.
  await sql.query(`ALTER TABLE pam.routing_endpoints DROP CONSTRAINT routing_endpoints_port_check`);
  await sql.query(`UPDATE pam.routing_endpoints SET port = 70000 WHERE pool = 'a'`);
  await sql.query(`UPDATE pam.routing_rules SET match = '{"pathPrefix": 7}' WHERE category = 'b'`);
  await table.putEndpoint('c', (await backend('c-2')).endpoint);
  await until('both are refused', async () => {
    const { pools } = await envoy.store.status();
    return pools.filter(({ refused }) => refused !== null).length === 2;
  });
  await allServed();
  const { pools } = await envoy.store.status();
  expect(pools.find(({ pool }) => pool === 'a')?.refused?.reason).toMatch(/port|70000/i);
  expect(pools.find(({ pool }) => pool === 'b')?.refused?.reason).toMatch(/match/);
  const own = backends.find(({ endpoint }) => endpoint.id === 'a-1') as Backend;
  await expect(table.putEndpoint('a', { ...own.endpoint, id: 'a-2' })).rejects.toMatchObject({
    code: 'REJECTED',
    message: expect.stringContaining('"a"'),
  });
  // As each tick does: what is lost or spoilt is written again.
  await table.removeEndpoint('a', 'a-2').catch(() => undefined);
  await table.putEndpoint('a', own.endpoint);
  await table.putRule({ category: 'b', match: { pathPrefix: '/b' } });
  await table.removeEndpoint('c', 'c-2');
  await allServed();
  expect((await envoy.store.status()).pools.every(({ taken, refused }) => taken && refused === null)).toBe(
    true,
  );
});

test('a rule whose row is lost comes back with the next reconcile', async () => {
  await sql.query(`DELETE FROM pam.routing_rules WHERE category = 'd'`);
  await servedBy('/d', 'shared-1');
  await table.putRule({ category: 'd', match: { pathPrefix: '/d' } });
  await allServed();
});

test('discovery gone: the proxy serves what it has, a change is noted, refused as UNAVAILABLE, and made when it is back', async () => {
  await envoy.stopDiscovery();
  await allServed();
  const late = await backend('e-1');
  await expect(impatient.putEndpoint('e', late.endpoint)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  // What is as it should be needs nobody.
  await table.putRule({ category: 'd', match: { pathPrefix: '/d' } });
  // A node must not be ended while the proxy may send to it.
  await expect(impatient.removeEndpoint('e', 'e-1')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  await expect(impatient.removeEndpoint('e', 'e-1')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  await impatient.putRule({ category: 'e', match: { pathPrefix: '/e' } }).catch(() => undefined);
  await impatient.putEndpoint('e', late.endpoint).catch(() => undefined);
  await envoy.startDiscovery();
  await servedBy('/e', 'e-1');
  await allServed();
});

test.each(['discovery first', 'the proxy first'])(
  'PostgreSQL is gone, both restart, %s: the last good configuration is served',
  async (order) => {
    await until('the snapshot has it all', () =>
      readFileSync(join(envoy.folder, 'snapshot.json'), 'utf8').includes('"e-1"'),
    );
    expect(statSync(join(envoy.folder, 'snapshot.json')).mode & 0o077).toBe(0);
    network.cut();
    try {
      if (order === 'discovery first') {
        await envoy.stopDiscovery();
        await envoy.startDiscovery();
        await allServed();
        await envoy.restart();
      } else {
        await envoy.restart(() => envoy.stopDiscovery().then(() => envoy.startDiscovery()));
      }
      await servedBy('/a', 'a-1');
      for (const name of [...names, 'e']) await servedBy(`/${name}`, `${name}-1`);
    } finally {
      network.mend();
    }
    await table.putEndpoint('a', (await backend(`a-${order}`)).endpoint);
    await table.removeEndpoint('a', `a-${order}`);
  },
);

test.each([
  ['emptied', () => ''],
  ['cut in half', (text: string) => text.slice(0, text.length / 2)],
  ['with another byte', (text: string) => text.replace('"a-1"', '"a-7"')],
])('a snapshot that is %s is put aside and said, and the database is asked', async (_, spoil) => {
  const file = join(envoy.folder, 'snapshot.json');
  await envoy.stopDiscovery();
  writeFileSync(file, spoil(readFileSync(file, 'utf8')));
  chmodSync(file, 0o600);
  await envoy.startDiscovery();
  expect(envoy.warnings.join('\n')).toMatch(/snapshot was broken.*snapshot\.json\.broken/);
  await envoy.restart();
  await servedBy('/a', 'a-1');
  for (const name of names) await servedBy(`/${name}`, `${name}-1`);
  await until('it is written again', () => {
    try {
      return readFileSync(file, 'utf8').includes('"a-1"');
    } catch {
      return false;
    }
  });
});

test('a node that answers 500 while its check passes is passed over, and comes back', async () => {
  const [ill, well] = [await backend('f-ill'), await backend('f-well')];
  await table.putRule({ category: 'f', match: { pathPrefix: '/f' } });
  for (const { endpoint } of [ill, well]) await table.putEndpoint('f', endpoint);
  await until('both take requests', async () => {
    await ask(envoy.entry, '/f/1');
    return ill.served.length > 0 && well.served.length > 0;
  });
  ill.failing = true;
  await until('it is ejected', async () => {
    await ask(envoy.entry, '/f/2');
    return (await table.health('f')).get('f-ill') === 'unhealthy';
  });
  for (let count = 0; count < 10; count++)
    expect(await ask(envoy.entry, '/f/3')).toEqual({ status: 200, by: 'f-well' });
  ill.failing = false;
  await until('it is back', async () => (await table.health('f')).get('f-ill') === 'healthy');
});

test('paths have one spelling, and the admin interface answers and obeys nothing', async () => {
  expect(await served('/x/../a/1')).toMatch(/^a-/);
  expect(await served('//a//1')).toMatch(/^a-/);
  expect((await ask(envoy.entry, '/a%2F..%2Fb')).status).toBe(400);
  for (const path of ['/quitquitquit', '/drain_listeners', '/healthcheck/fail', '/runtime_modify?a=1']) {
    const answer = await fetch(`${envoy.adminUrl}${path}`, { method: 'POST' });
    expect({ path, status: answer.status }).toEqual({ path, status: 403 });
  }
  await sleep(50);
  await allServed();
});
