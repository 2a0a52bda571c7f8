/**
 * Two allocation workers with state folders (and Pulumi backends) of their own look after the same categories, under load
 * through a real Envoy. One is killed in the middle of a change, the other goes on, the first comes back. No request fails,
 * no node is made twice, nothing is left behind.
 */
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'pg';
import { createEnvoyAdmin, createEnvoyRoutingTable } from '../../adapters/envoy';
import type { EnvoyAdmin } from '../../adapters/envoy/adminClient';
import { processesWithEnvironment, signalProcess } from '../../adapters/nodes/local/processIdentity';
import { type Database, migrate, openDatabase } from '../../adapters/postgres';
import { connectTemporal, type TemporalClient } from '../../adapters/temporal/connect';
import type { RoutingTable } from '../../ports/routingTable';
import { categoryWorkflowId, signals, updates, workflowTypes } from '../../workflows/contracts';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { type EnvoyStage, startEnvoy } from '../support/envoyStage';
import { until } from '../support/nodeStage';
import { nodeProcesses, poolFaults, sorted } from '../support/poolFaults';
import { type SteadyLoad, startSteadyLoad } from '../support/steadyLoad';
import { startAllocationWorker, type WorkerPlace, type WorkerProcess } from '../support/workerProcess';

jest.setTimeout(600_000);

const patientMs = 120_000;
const binMs = 5_000;
const sharedNodes = 2;
/** Names of their own: other tests use the same Temporal. */
const [mail, video] = ['two-workers-mail', 'two-workers-video'] as const;
const categories = [mail, video] as const;

let server: TestDatabase;
let database: Database;
let admin: Pool;
let envoy: EnvoyStage;
let envoyAdmin: EnvoyAdmin;
let routing: RoutingTable & { close(): Promise<void> };
let temporal: TemporalClient;
let place: WorkerPlace;
let folder: string;
let load: SteadyLoad | undefined;
let stopWatching: () => Promise<void>;
const workers: WorkerProcess[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pam-two-'));
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
    taskQueue: `two-workers-${process.pid}-${Date.now()}`,
  };
  stopWatching = watchHolders();
});
afterAll(async () => {
  // Processes first: whatever else fails, none is left.
  for (const worker of workers) await worker.kill('SIGKILL');
  for (const identity of runningNodes()) signalProcess(identity, 'SIGKILL');
  await envoy?.stop();
  await stopWatching?.();
  await load?.stop();
  for (const category of categories)
    await temporal?.client.workflow
      .getHandle(categoryWorkflowId(category))
      .terminate('the test is over')
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
});

async function startWorker(name: string): Promise<WorkerProcess> {
  const worker = await startAllocationWorker(place, join(folder, name));
  workers.push(worker);
  return worker;
}

/** Every process of a node that any of the workers has started. */
const runningNodes = () => nodeProcesses(new Set(workers.map(({ stateDir }) => stateDir)));

/** Pid of the worker that holds a lease now; null when it is free or has run out. */
async function holderOf(lease: string): Promise<number | null> {
  const { rows } = await admin.query<{ holder: string }>(
    'SELECT holder FROM pam.leases WHERE name = $1 AND holder IS NOT NULL AND expires_at > clock_timestamp()',
    [lease],
  );
  return rows[0] === undefined ? null : Number(rows[0].holder.split(':').at(-2));
}

/** Which workers have changed the pool of which category. */
const changedBy = new Map<string, Set<number>>();
function watchHolders(): () => Promise<void> {
  const stopped = new AbortController();
  const watching = (async () => {
    while (!stopped.signal.aborted) {
      for (const category of categories) {
        const holder = await holderOf(`pool:${category}`);
        if (holder !== null) changedBy.set(category, (changedBy.get(category) ?? new Set()).add(holder));
      }
      await sleep(25);
    }
  })();
  return () => {
    stopped.abort();
    return watching;
  };
}
const changesOf = (category: string, worker: WorkerProcess): boolean =>
  changedBy.get(category)?.has(worker.pid) ?? false;

async function startCategory(name: string): Promise<void> {
  await temporal.client.workflow.start(workflowTypes.allocateCategory, {
    taskQueue: place.taskQueue,
    workflowId: categoryWorkflowId(name),
    args: [
      {
        name,
        match: { header: { name: 'x-category', value: name } },
        ...{ bin: '5s', lead: '5s', leadMode: 'fixed', horizons: ['5s'], scaleDownHold: '5s' },
        nodes: { min: 1, max: 12, initial: 2 },
        node: { serviceTime: '20ms', drain: '2s' },
        local: { bootTime: '100ms' },
      },
    ],
  });
}

/**
 * Temporal keeps a workflow and its activities with the worker that has it in its cache. Without that memory the next one
 * to ask gets it: either of them.
 */
async function setNodes(category: string, nodes: number): Promise<void> {
  const workflowId = categoryWorkflowId(category);
  await temporal.client.workflowService.resetStickyTaskQueue({
    namespace: 'default',
    execution: { workflowId },
  });
  await temporal.client.workflow
    .getHandle(workflowId)
    .executeUpdate(updates.setNodes, { args: [{ nodes, for: '1h', reason: 'test' }] });
}

/** Waits until both pools and the shared one are exactly as expected, everywhere. */
async function settled(expected: Readonly<Record<string, number>>): Promise<void> {
  let faults: string[] = [];
  const stateDirs = new Set(workers.map(({ stateDir }) => stateDir));
  const views = { ledger: database.ledger, routing, envoyAdmin, stateDirs };
  await until(
    'the pools are as expected',
    async () => {
      faults = (
        await Promise.all(
          Object.entries({ ...expected, shared: sharedNodes }).map(([pool, nodes]) =>
            poolFaults(views, pool, nodes),
          ),
        )
      ).flat();
      return faults.length === 0;
    },
    patientMs,
  ).catch((error: unknown) => {
    throw new Error(
      `${String(error)}\n${faults.join('\n')}\n${workers.map((worker) => worker.log().slice(-2_000)).join('\n\n')}`,
    );
  });
}

const leadsAll = async (worker: WorkerProcess): Promise<boolean> => {
  const holders = await Promise.all(
    ['collector', 'shared pool', 'prune'].map((name) => holderOf(`leader:${name}`)),
  );
  return holders.every((pid) => pid === worker.pid);
};

interface StoredBin {
  readonly startMs: number;
  readonly requests: number;
}
async function storedBins(category: string): Promise<StoredBin[]> {
  const { rows } = await admin.query<StoredBin>(
    `SELECT (extract(epoch FROM start_at) * 1000)::float8 AS "startMs", requests FROM pam.bins
     WHERE category = $1 ORDER BY start_at, source`,
    [category],
  );
  return rows;
}

/** Grows the category again and again until `victim` is the one that does it, and kills it while it does. */
async function killWhileChanging(victim: WorkerProcess, category: string, from: number, to: number) {
  for (let round = 0; round < 25; round++) {
    await setNodes(category, to);
    let caught = false;
    await until(
      'the change has begun',
      async () => {
        const record = await database.ledger.get(category);
        if (record?.phase === 'updating' && (await holderOf(`pool:${category}`)) === victim.pid) {
          const running = runningNodes().filter((node) => node.category === category);
          caught = running.length > from;
        }
        return caught || (record?.phase === 'applied' && record.nodes.length === to);
      },
      patientMs,
    );
    if (caught) {
      // What it has sent to the database by now is done before it is looked at again.
      victim.child.kill('SIGSTOP');
      await sleep(300);
      if ((await database.ledger.get(category))?.phase === 'updating') {
        await victim.kill('SIGKILL');
        return;
      }
      victim.child.kill('SIGCONT');
    }
    await setNodes(category, from);
    await settled({ [category]: from });
  }
  throw new Error('the victim was never caught in the middle of a change');
}

/** Changes a category to and fro until each of these workers has done it. */
async function changeUntilBothDid(
  category: string,
  sizes: readonly number[],
  both: readonly WorkerProcess[],
) {
  for (let round = 0; round < 25; round++) {
    const nodes = sizes[round % sizes.length] ?? 1;
    await setNodes(category, nodes);
    await settled({ [category]: nodes });
    if (both.every((worker) => changesOf(category, worker))) return;
  }
  throw new Error(
    `${category} was changed by ${[...(changedBy.get(category) ?? [])]}, not by each of ${both.map(({ pid }) => pid)}`,
  );
}

test('side by side, one killed in the middle of a change, back again', async () => {
  const first = await startWorker('first');
  await until('the only worker leads everything', () => leadsAll(first), patientMs);
  const second = await startWorker('second');
  await Promise.all(categories.map(startCategory));
  await settled({ [mail]: 2, [video]: 2 });
  const shared = sorted((await database.ledger.get('shared'))?.nodes ?? []);
  expect(shared).toHaveLength(sharedNodes);

  load = startSteadyLoad({
    url: `${envoy.entry}/`,
    headers: [{ 'x-category': mail }, { 'x-category': video }, {}],
    requestsPerSecond: 45,
  });

  // Both workers change both categories, each with Pulumi state of its own.
  await Promise.all([
    changeUntilBothDid(mail, [3, 5, 2], [first, second]),
    changeUntilBothDid(video, [4, 3], [first, second]),
  ]);
  await setNodes(video, 3);
  await setNodes(mail, 3);
  await settled({ [mail]: 3, [video]: 3 });
  const steady = sorted((await database.ledger.get(video))?.nodes ?? []);

  // The leader is the one to lose. It still is the first, unless it was too slow to renew its lease.
  const [victim, other] =
    (await holderOf('leader:collector')) === second.pid ? [second, first] : [first, second];
  await killWhileChanging(victim, mail, 3, 8);
  const killedMs = Date.now();
  await until('the other leads everything', () => leadsAll(other), patientMs);
  await settled({ [mail]: 8, [video]: 3 });
  expect(sorted((await database.ledger.get(video))?.nodes ?? [])).toEqual(steady);
  expect(sorted((await database.ledger.get('shared'))?.nodes ?? [])).toEqual(shared);
  await until(
    'no command of the killed worker is left',
    () => {
      const own = { PULUMI_HOME: join(victim.stateDir, 'pulumi', 'home') };
      return processesWithEnvironment(own).length === 0;
    },
    patientMs,
  );

  // The other one decides and measures on, and gives up nodes that the killed one has made.
  await until(
    'bins and decisions go on',
    async () => {
      const afterMs = killedMs + 4 * binMs;
      const { rows } = await admin.query<{ category: string }>(
        'SELECT DISTINCT category FROM pam.decisions WHERE made_at > to_timestamp($1::float8 / 1000)',
        [afterMs],
      );
      const lastBins = await Promise.all(categories.map(async (name) => (await storedBins(name)).at(-1)));
      return rows.length === categories.length && lastBins.every((bin) => (bin?.startMs ?? 0) > afterMs);
    },
    patientMs,
  );
  await setNodes(mail, 2);
  await settled({ [mail]: 2, [video]: 3 });

  // The victim comes back with a Pulumi state that is out of date: it neither makes nor removes what is not wanted.
  const again = await startWorker(basename(victim.stateDir));
  await changeUntilBothDid(mail, [4, 2], [other, again]);
  await setNodes(mail, 3);
  await settled({ [mail]: 3, [video]: 3 });
  expect(sorted((await database.ledger.get('shared'))?.nodes ?? [])).toEqual(shared);

  await load.stop();
  expect(load.failures).toEqual([]);
  for (const [index, category] of categories.entries()) {
    const bins = await storedBins(category);
    const whole = bins
      .filter(({ startMs, requests }) => requests > 0 && startMs > (bins[0]?.startMs ?? 0))
      .slice(1, -1);
    const [begin, end] = [whole[0]?.startMs ?? 0, (whole.at(-1)?.startMs ?? 0) + binMs];
    // One row a bin, none missing, and each request counted once.
    expect(whole.map(({ startMs }) => startMs)).toEqual(
      Array.from({ length: (end - begin) / binMs }, (_, place) => begin + place * binMs),
    );
    const counted = whole.reduce((sum, { requests }) => sum + requests, 0);
    expect(Math.abs(counted / (load?.sent(index, begin, end) ?? 0) - 1)).toBeLessThan(0.03);
  }

  for (const category of categories) {
    const handle = temporal.client.workflow.getHandle(categoryWorkflowId(category));
    await handle.signal(signals.stop, { reason: 'the test is over' });
    await handle.result();
    expect(await database.ledger.get(category)).toBeNull();
    expect(await routing.endpoints(category)).toEqual([]);
  }
  await settled({});
  expect(await again.stop()).toBe(0);
  expect(await other.stop()).toBe(0);
  // Leases of workers that stopped in order are free at once.
  expect(await holderOf('leader:collector')).toBeNull();
  expect(runningNodes().map(({ category }) => category)).toEqual(['shared', 'shared']);
});
