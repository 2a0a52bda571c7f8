/** The collector by the clock against a real Envoy: requests sent are requests counted, also over a restart. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createCollector, createDemandSources } from '../../../../adapters/demand';
import { createEnvoyAdmin, createEnvoyRoutingTable } from '../../../../adapters/envoy';
import { categoryInput } from '../../../../core/category/settings';
import { sharedPoolName } from '../../../../ports/routingTable';
import type { CounterSampleStore } from '../../../../ports/stores/demand/counterSampleStore';
import type { BinRow } from '../../../../ports/stores/demand/demandStore';
import { ask, type Backend, type EnvoyStage, startBackend, startEnvoy } from '../../../support/envoyStage';
import { memorySamples } from '../../../support/memorySamples';

jest.setTimeout(60_000);

const match = { pathPrefix: '/' };
const settings = categoryInput.parse({
  name: 'orders',
  match,
  bin: '1s',
  lead: '5s',
  objective: { latency: '100ms' },
});
const binMs = 1_000;

let envoy: EnvoyStage;
let shared: Backend;
let admin: ReturnType<typeof createEnvoyAdmin>;
let table: ReturnType<typeof createEnvoyRoutingTable>;
let samples: CounterSampleStore;
let rows: Map<number, BinRow>;
const failures: unknown[] = [];

const sources = () => createDemandSources({ admin, samples, routing: table, now: Date.now });

function collector() {
  return createCollector({
    sources: sources(),
    categories: { list: async () => [{ settings, status: 'running', learnedRequestsPerNodeSecond: null }] },
    demand: {
      appendLive: async (appended) => {
        for (const row of appended) rows.set(row.startMs, row);
      },
      liveEnds: async () => new Map(),
    },
    onFailure: (error) => failures.push(error),
    now: Date.now,
  });
}

async function collectFor(ms: number, during: () => Promise<void>): Promise<void> {
  const stop = new AbortController();
  const running = collector().run(stop.signal);
  await during();
  await sleep(ms);
  stop.abort();
  await running;
}

const total = (pick: (row: BinRow) => number | null) =>
  [...rows.values()].reduce((sum, row) => sum + (pick(row) ?? 0), 0);

beforeAll(async () => {
  envoy = await startEnvoy();
  admin = createEnvoyAdmin(envoy.adminUrl);
  table = createEnvoyRoutingTable(envoy);
  shared = await startBackend('shared-1');
  await table.putEndpoint(sharedPoolName, shared.endpoint);
  await table.putRule({ category: 'orders', match });
  await sleep(500);
});
beforeEach(() => {
  samples = memorySamples();
  rows = new Map();
  failures.length = 0;
});
afterAll(async () => {
  await admin?.close();
  await table?.close();
  await envoy?.stop();
  await shared?.close();
});

test('every request is in a bin, with its lateness and its failure', async () => {
  await collectFor(1_300, async () => {
    // The first boundary begins the counting.
    await sleep(binMs - (Date.now() % binMs) + 150);
    for (let count = 0; count < 20; count++) await ask(envoy.entry, '/x');
    for (let count = 0; count < 5; count++) await ask(envoy.entry, '/x', { 'x-delay': '220' });
    for (let count = 0; count < 3; count++) await ask(envoy.entry, '/fail');
  });
  expect(failures).toEqual([]);
  expect(Math.round(total(({ requests }) => requests))).toBe(28);
  expect(Math.round(total(({ late }) => late))).toBe(5);
  expect(Math.round(total(({ errors }) => errors))).toBe(3);
  for (const startMs of rows.keys()) expect(startMs % binMs).toBe(0);
  const slow = [...rows.values()].find((row) => (row.late ?? 0) > 1);
  expect(slow?.latencyP99Ms).toBeGreaterThan(200);
});

test('a collector that was away for a moment loses no request', async () => {
  await collectFor(200, () => sleep(binMs - (Date.now() % binMs) + 100));
  for (let count = 0; count < 30; count++) await ask(envoy.entry, '/x');
  await collectFor(2_300, async () => undefined);
  expect(Math.round(total(({ requests }) => requests))).toBeGreaterThanOrEqual(29);
  expect(Math.round(total(({ requests }) => requests))).toBeLessThanOrEqual(30);
});

test('a restarted Envoy leaves a missing bin, not a wrong one', async () => {
  await collectFor(2_200, async () => {
    await sleep(binMs - (Date.now() % binMs) + 100);
    for (let count = 0; count < 10; count++) await ask(envoy.entry, '/x');
    await sleep(1_000);
    await envoy.restart();
    await sleep(1_500);
    for (let count = 0; count < 4; count++) await ask(envoy.entry, '/x');
  });
  for (const row of rows.values()) expect(row.requests).toBeLessThanOrEqual(10.5);
  expect(Math.round(total(({ requests }) => requests))).toBeLessThanOrEqual(14);
});

test('the source tells the rate since the last bin', async () => {
  await collectFor(100, () => sleep(binMs - (Date.now() % binMs) + 100));
  for (let count = 0; count < 12; count++) await ask(envoy.entry, '/x');
  const { requestsPerSecond, overMs, utilization } = await sources().of(settings).live(settings);
  expect(((requestsPerSecond ?? 0) * overMs) / 1_000).toBeCloseTo(12, 3);
  // No node of the category's own.
  expect(utilization).toBeNull();
});
