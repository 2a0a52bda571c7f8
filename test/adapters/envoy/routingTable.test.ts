/** The routing table against a real Envoy: who serves what, and that no request is lost while that changes. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createEnvoyRoutingTable } from '../../../adapters/envoy';
import { type EndpointHealth, sharedPoolName } from '../../../ports/routingTable';
import { ask, type Backend, type EnvoyStage, startBackend, startEnvoy } from '../../support/envoyStage';

jest.setTimeout(60_000);

let envoy: EnvoyStage;
let table: ReturnType<typeof createEnvoyRoutingTable>;
let shared: Backend;
const backends: Backend[] = [];

async function backend(id: string, delayMs = 0): Promise<Backend> {
  const started = await startBackend(id, delayMs);
  backends.push(started);
  return started;
}

async function untilHealthy(pool: string, id: string, wanted: EndpointHealth = 'healthy'): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if ((await table.health(pool)).get(id) === wanted) return;
    await sleep(25);
  }
  throw new Error(`${id} did not become ${wanted}`);
}

beforeAll(async () => {
  envoy = await startEnvoy();
  table = createEnvoyRoutingTable(envoy);
  shared = await backend('shared-1');
  await table.putEndpoint(sharedPoolName, shared.endpoint);
  await untilHealthy(sharedPoolName, 'shared-1');
});
afterAll(async () => {
  await table?.close();
  await envoy?.stop();
  for (const one of backends) await one.close().catch(() => undefined);
});

test('unmatched requests go to the shared pool', async () => {
  expect(await ask(envoy.entry, '/anything')).toEqual({ status: 200, by: 'shared-1' });
});

test('a category without nodes is served by the shared pool, with nodes by its own', async () => {
  await table.putRule({ category: 'cart', match: { pathPrefix: '/cart' } });
  expect(await ask(envoy.entry, '/cart/1')).toEqual({ status: 200, by: 'shared-1' });
  const own = await backend('cart-1');
  await table.putEndpoint('cart', own.endpoint);
  await untilHealthy('cart', 'cart-1');
  expect(await ask(envoy.entry, '/cart/2')).toEqual({ status: 200, by: 'cart-1' });
  // A prefix ends at a segment.
  expect(await ask(envoy.entry, '/cartoon')).toEqual({ status: 200, by: 'shared-1' });
});

test('an endpoint is listed as it was put, and one that is removed twice is gone, not a failure', async () => {
  const one = await backend('gone-1');
  await table.putEndpoint('gone', one.endpoint);
  expect(await table.endpoints('gone')).toEqual([one.endpoint]);
  await Promise.all([table.removeEndpoint('gone', 'gone-1'), table.removeEndpoint('gone', 'gone-1')]);
  expect(await table.endpoints('gone')).toEqual([]);
});

test('header beats path, a longer path a shorter one, and a host takes what is left', async () => {
  const places = [
    { category: 'by-header', match: { header: { name: 'x-tenant', value: 'acme' } } },
    { category: 'by-path', match: { pathPrefix: '/shop' } },
    { category: 'by-longer-path', match: { pathPrefix: '/shop/admin' } },
    { category: 'by-host', match: { host: 'shop.example.com' } },
  ];
  for (const { category, match } of places) {
    await table.putRule({ category, match });
    await table.putEndpoint(category, (await backend(category)).endpoint);
    await untilHealthy(category, category);
  }
  const host = { host: 'shop.example.com' };
  const tenant = { 'x-tenant': 'acme' };
  expect((await ask(envoy.entry, '/shop/admin', { ...tenant, ...host })).by).toBe('by-header');
  expect((await ask(envoy.entry, '/shop/admin/users', host)).by).toBe('by-longer-path');
  expect((await ask(envoy.entry, '/shop/cart', host)).by).toBe('by-path');
  expect((await ask(envoy.entry, '/', host)).by).toBe('by-host');
  expect((await ask(envoy.entry, '/', { 'x-tenant': 'acme2' })).by).toBe('shared-1');
  for (const { category } of places) await table.removeRule(category);
  expect((await ask(envoy.entry, '/shop/admin', tenant)).by).toBe('shared-1');
});

test('two categories with the same match are refused, naming the other', async () => {
  await expect(table.putRule({ category: 'basket', match: { pathPrefix: '/cart/' } })).rejects.toThrow(
    /match of "basket" \(path \/cart\/\*\) is that of "cart"/,
  );
});

test('an unhealthy own node is passed over without a failed request', async () => {
  const own = backends.find(({ endpoint }) => endpoint.id === 'cart-1') as Backend;
  await own.close();
  for (let count = 0; count < 20; count++)
    expect(await ask(envoy.entry, '/cart/3')).toEqual({ status: 200, by: 'shared-1' });
  await table.removeEndpoint('cart', 'cart-1');
});

test('a node that answers its health check with an error is told apart, takes nothing, and is told when it is well', async () => {
  await table.putRule({ category: 'desk', match: { pathPrefix: '/desk' } });
  const [ill, well] = [await backend('desk-ill'), await backend('desk-well')];
  for (const { endpoint } of [ill, well]) {
    await table.putEndpoint('desk', endpoint);
    await untilHealthy('desk', endpoint.id);
  }
  ill.healthy = false;
  await untilHealthy('desk', 'desk-ill', 'unhealthy');
  expect((await table.health('desk')).get('desk-well')).toBe('healthy');
  const before = ill.served.length;
  for (let count = 0; count < 20; count++)
    expect(await ask(envoy.entry, '/desk/1')).toEqual({ status: 200, by: 'desk-well' });
  expect(ill.served).toHaveLength(before);
  ill.healthy = true;
  await untilHealthy('desk', 'desk-ill');
  await table.removeRule('desk');
  for (const { endpoint } of [ill, well]) await table.removeEndpoint('desk', endpoint.id);
});

test('nodes come and go under load: no request fails, none reaches a removed node', async () => {
  await table.putRule({ category: 'busy', match: { header: { name: 'x-category', value: 'busy' } } });
  const first = await backend('busy-1', 20);
  await table.putEndpoint('busy', first.endpoint);
  await untilHealthy('busy', 'busy-1');
  let running = true;
  const answers: { status: number; by: string }[] = [];
  const load = Promise.all(
    Array.from({ length: 8 }, async () => {
      while (running) answers.push(await ask(envoy.entry, '/x', { 'x-category': 'busy' }));
    }),
  );
  for (let round = 2; round <= 4; round++) {
    const next = await backend(`busy-${round}`, 20);
    await table.putEndpoint('busy', next.endpoint);
    await untilHealthy('busy', `busy-${round}`);
    await table.removeEndpoint('busy', `busy-${round - 1}`);
    // What was in flight when it was removed may still arrive; nothing else may.
    await sleep(60);
    const removed = backends.find(({ endpoint }) => endpoint.id === `busy-${round - 1}`) as Backend;
    const before = removed.served.length;
    await sleep(150);
    expect(removed.served.length).toBe(before);
  }
  running = false;
  await load;
  expect(answers.length).toBeGreaterThan(50);
  expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
  expect(answers.filter(({ by }) => by === 'shared-1')).toEqual([]);
});

test('a request in flight on a removed node is answered by it', async () => {
  await table.putRule({ category: 'slow', match: { pathPrefix: '/slow' } });
  const node = await backend('slow-1');
  await table.putEndpoint('slow', node.endpoint);
  await untilHealthy('slow', 'slow-1');
  const inFlight = ask(envoy.entry, '/slow', { 'x-delay': '700' });
  await sleep(100);
  await table.removeEndpoint('slow', 'slow-1');
  expect(await inFlight).toEqual({ status: 200, by: 'slow-1' });
  expect((await ask(envoy.entry, '/slow')).by).toBe('shared-1');
});

test('a restarted Envoy serves the same rules and nodes from discovery', async () => {
  await envoy.restart();
  for (let tries = 0; tries < 100; tries++) {
    if ((await ask(envoy.entry, '/x', { 'x-category': 'busy' })).by === 'busy-4') break;
    await sleep(50);
  }
  expect((await ask(envoy.entry, '/x', { 'x-category': 'busy' })).by).toBe('busy-4');
});

test('what Envoy would not take is refused before it is written, and others go on', async () => {
  await expect(table.putRule({ category: 'odd', match: { pathPrefix: '/b?x' } })).rejects.toMatchObject({
    code: 'INVALID_INPUT',
  });
  await expect(
    table.putEndpoint('odd', { id: 'odd-1', host: 'node.example.com', port: 80, healthPath: '/healthz' }),
  ).rejects.toMatchObject({
    code: 'INVALID_INPUT',
    message: expect.stringContaining('expected an IP address'),
  });
  await table.putRule({ category: 'even', match: { pathPrefix: '/even' } });
  expect((await ask(envoy.entry, '/even')).status).toBe(200);
});
