/**
 * Drills over a real Temporal, PostgreSQL, Envoy and Pulumi: many forecast-only categories that start at once, scale-downs
 * under load, `kill -9` of the worker at random times. A few in the suite; DRILL=200 KILLS=50 MANY=200 for the full ones.
 */
import { existsSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { status } from '@grpc/grpc-js';
import { isGrpcServiceError } from '@temporalio/client';
import { Pool } from 'pg';
import { createEnvoyAdmin, createEnvoyRoutingTable } from '../../adapters/envoy';
import type { EnvoyAdmin } from '../../adapters/envoy/adminClient';
import { signalProcess } from '../../adapters/nodes/local/processIdentity';
import { type Database, migrate, openDatabase } from '../../adapters/postgres';
import { connectTemporal, type TemporalClient } from '../../adapters/temporal/connect';
import { seededRandom } from '../../core/statistics/random';
import type { RoutingTable } from '../../ports/routingTable';
import { categoryWorkflowId, queries, signals, updates, workflowTypes } from '../../workflows/contracts';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { type EnvoyStage, startEnvoy } from '../support/envoyStage';
import { until } from '../support/nodeStage';
import { nodeProcesses, poolFaults } from '../support/poolFaults';
import { type SteadyLoad, startSteadyLoad } from '../support/steadyLoad';
import { startAllocationWorker, type WorkerPlace, type WorkerProcess } from '../support/workerProcess';

const scaleDowns = Number(process.env.DRILL ?? 4);
const kills = Number(process.env.KILLS ?? 2);
const many = Number(process.env.MANY ?? 30);
jest.setTimeout(60_000 * (5 + scaleDowns / 4 + kills));

const patientMs = 60_000;
const binMs = 5_000;
const category = 'drill';
const random = seededRandom(Number(process.env.SEED ?? 12));

let server: TestDatabase;
let database: Database;
let admin: Pool;
let envoy: EnvoyStage;
let envoyAdmin: EnvoyAdmin;
let routing: RoutingTable & { close(): Promise<void> };
let temporal: TemporalClient;
let place: WorkerPlace;
let folder: string;
let worker: WorkerProcess;
let load: SteadyLoad | undefined;
const figures: string[] = [];

const start = (): Promise<WorkerProcess> => startAllocationWorker(place, join(folder, 'worker'));
const stateDirs = (): Set<string> => new Set([join(folder, 'worker')]);
const handle = (name = category) => temporal.client.workflow.getHandle(categoryWorkflowId(name));
/** Temporal takes no update while the latest tasks of a workflow have failed, as they do when its worker is killed. */
const notNow = (error: unknown): boolean =>
  error instanceof Error &&
  isGrpcServiceError(error.cause) &&
  error.cause.code === status.FAILED_PRECONDITION;
async function setNodes(nodes: number): Promise<void> {
  for (const endMs = Date.now() + patientMs; ; await sleep(200))
    try {
      await handle().executeUpdate(updates.setNodes, { args: [{ nodes, for: '3h', reason: 'drill' }] });
      return;
    } catch (error) {
      if (!notNow(error) || Date.now() > endMs) throw error;
    }
}

/** The pool has exactly these nodes, the same ones everywhere, all healthy. */
async function settled(nodes: number): Promise<void> {
  let faults: string[] = [];
  await until(
    `${nodes} nodes`,
    async () => {
      faults = await poolFaults(
        { ledger: database.ledger, routing, envoyAdmin, stateDirs: stateDirs() },
        category,
        nodes,
      );
      return faults.length === 0;
    },
    patientMs,
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${faults.join('\n')}\n${worker.log().slice(-3_000)}`);
  });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pam-drill-'));
  server = await createTestDatabase();
  await migrate(server.url);
  database = await openDatabase({ url: server.url });
  admin = new Pool({ connectionString: server.url });
  admin.on('error', () => undefined);
  envoy = await startEnvoy({ databaseUrl: server.url });
  envoyAdmin = createEnvoyAdmin(envoy.adminUrl);
  routing = createEnvoyRoutingTable(envoy);
  temporal = await connectTemporal({ address: process.env.TEMPORAL_ADDRESS, namespace: 'default' });
  place = {
    databaseUrl: server.url,
    adminUrl: envoy.adminUrl,
    taskQueue: `drill-${process.pid}-${Date.now()}`,
  };
  worker = await start();
}, 120_000);
afterAll(async () => {
  await worker?.kill('SIGKILL');
  for (const identity of nodeProcesses(stateDirs())) signalProcess(identity, 'SIGKILL');
  await load?.stop();
  await envoy?.stop();
  for await (const { workflowId } of temporal?.client.workflow.list({
    query: `TaskQueue="${place.taskQueue}" AND ExecutionStatus="Running"`,
  }) ?? [])
    await temporal.client.workflow
      .getHandle(workflowId)
      .terminate('the drill is over')
      .catch(() => undefined);
  await Promise.all([
    temporal?.close(),
    envoyAdmin?.close(),
    routing?.close(),
    admin?.end(),
    database?.close(),
  ]);
  await server?.drop();
  rmSync(folder, { recursive: true, force: true });
  if (process.env.PAM_SHOW_TIMES) console.log(figures.join('\n'));
}, 120_000);

test('many forecast-only categories start at once: no command of Pulumi runs for what provisions nothing', async () => {
  const names = Array.from({ length: many }, (_, place) => `quiet-${place}`);
  const beganMs = Date.now();
  await Promise.all(
    names.map((name) =>
      temporal.client.workflow.start(workflowTypes.allocateCategory, {
        taskQueue: place.taskQueue,
        workflowId: categoryWorkflowId(name),
        args: [{ name, mode: 'forecast-only', match: { pathPrefix: `/${name}` } }],
      }),
    ),
  );
  await until(
    'all have a rule and a decision',
    async () => {
      const { rows } = await admin.query<{ pools: number; decided: number }>(
        `SELECT (SELECT count(*)::int FROM pam.pools WHERE category LIKE 'quiet-%' AND phase = 'applied') AS pools,
           (SELECT count(DISTINCT category)::int FROM pam.decisions WHERE category LIKE 'quiet-%') AS decided`,
      );
      return rows[0]?.pools === many && rows[0]?.decided === many;
    },
    240_000,
  );
  const tookMs = Date.now() - beganMs;
  figures.push(`${many} forecast-only categories: ${tookMs} ms`);
  expect(tookMs).toBeLessThan(15_000);
  const worked = join(folder, 'worker', 'pulumi', 'work');
  expect(names.filter((name) => existsSync(join(worked, name)))).toEqual([]);
  await Promise.all(names.map((name) => handle(name).signal(signals.stop, { reason: 'the drill is over' })));
  await Promise.all(names.map((name) => handle(name).result()));
});

test('scale-downs under load: no request fails, each lasts a second', async () => {
  await temporal.client.workflow.start(workflowTypes.allocateCategory, {
    taskQueue: place.taskQueue,
    workflowId: categoryWorkflowId(category),
    args: [
      {
        name: category,
        match: { header: { name: 'x-category', value: category } },
        ...{ bin: '5s', lead: '5s', leadMode: 'fixed', horizons: ['5s'], scaleDownHold: '5s' },
        nodes: { min: 1, max: 12, initial: 2 },
        node: { serviceTime: '1s', concurrency: 100, drain: '5s' },
        local: { bootTime: '100ms' },
      },
    ],
  });
  await settled(2);
  load = startSteadyLoad({
    url: `${envoy.entry}/`,
    headers: [{ 'x-category': category }],
    requestsPerSecond: 20,
  });
  const beganMs = Date.now();
  const largest = Math.min(8, scaleDowns + 1);
  for (let done = 0, nodes = 2; done < scaleDowns; ) {
    if (nodes === 1 || done === 0) {
      nodes = largest;
      await setNodes(nodes);
      await settled(nodes);
    }
    nodes -= 1;
    done += 1;
    await setNodes(nodes);
    await until(
      `${nodes} in the ledger`,
      async () => {
        const record = await database.ledger.get(category);
        return record?.phase === 'applied' && record.nodes.length === nodes;
      },
      patientMs,
    );
  }
  await setNodes(2);
  await settled(2);
  await load.stop();
  const sent = load.sent(0, beganMs, Date.now());
  figures.push(
    `${scaleDowns} scale-downs in ${Date.now() - beganMs} ms: ${sent} requests, ${load.failures.length} failed`,
  );
  expect(load.failures).toEqual([]);
  expect(sent).toBeGreaterThan(scaleDowns);
});

test('kill -9 of the worker at random times: within a minute all is as decided, nothing twice, nothing lost', async () => {
  const recoveries: number[] = [0];
  const announced: string[] = [];
  for (let round = 0; round < kills; round++) {
    const nodes = 1 + Math.floor(random() * 5);
    // It may not be answered before the worker dies.
    const asked = setNodes(nodes);
    await sleep(random() * (round % 2 === 0 ? 2_500 : binMs));
    await worker.kill('SIGKILL');
    const id = `during-${round}`;
    await handle().signal(signals.calendarEvent, {
      id,
      name: id,
      start: new Date(Date.now() + 86_400_000).toISOString(),
      duration: '1h',
      uplift: 2,
    });
    announced.push(id);
    worker = await start();
    const beganMs = Date.now();
    await asked;
    await settled(nodes);
    const { rows } = await admin.query(
      'SELECT 1 FROM pam.decisions WHERE made_at > to_timestamp($1::float8 / 1000)',
      [beganMs],
    );
    if (rows.length === 0)
      await until(
        'decisions go on',
        async () =>
          (
            await admin.query('SELECT 1 FROM pam.decisions WHERE made_at > to_timestamp($1::float8 / 1000)', [
              beganMs,
            ])
          ).rows.length > 0,
        patientMs,
      );
    recoveries.push(Date.now() - beganMs);
  }
  await until(
    'every event that was announced is known',
    async () => {
      const { rows } = await admin.query<{ id: string }>('SELECT id FROM pam.events');
      return announced.every((id) => rows.some((row) => row.id.includes(id)));
    },
    patientMs,
  );
  const { rows } = await admin.query<{ id: string; madeMs: number }>(
    'SELECT id, (extract(epoch FROM made_at) * 1000)::float8 AS "madeMs" FROM pam.decisions WHERE category = $1 ORDER BY made_at',
    [category],
  );
  // Once each, in the order of the history: its latest ones are those of the store.
  expect(new Set(rows.map(({ madeMs }) => madeMs)).size).toBe(rows.length);
  const kept = await handle().query(queries.decisions, 20);
  const stored = rows.map(({ id }) => id);
  const ids = kept.map(({ decisionId }) => decisionId);
  expect(stored.slice(stored.indexOf(ids[0] ?? ''), stored.indexOf(ids.at(-1) ?? '') + 1)).toEqual(ids);
  const slowestMs = Math.max(...recoveries);
  figures.push(
    `${kills} kills: back after ${Math.round(recoveries.reduce((a, b) => a + b, 0) / kills)} ms, at most ${slowestMs} ms`,
  );
  expect(slowestMs).toBeLessThan(60_000);
});
