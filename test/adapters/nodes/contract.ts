/**
 * What every node provider promises, as tests: a provider calls `nodeProviderContract` with a stage of its own and passes
 * unchanged. Two workers, each with a folder and a Pulumi backend of its own, act on the same pools over one database.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NodePoolOptions } from '../../../adapters/nodes/pool';
import { type PoolStep, poolSteps } from '../../../adapters/nodes/pool/poolSteps';
import type { Database } from '../../../adapters/postgres';
import { PamError } from '../../../core/errors';
import type { ProviderSettings } from '../../../ports/nodeOrder';
import type { NodePool, PoolSpec } from '../../../ports/nodePool';
import { processIdentity } from '../../../workers/identity';
import { type MemoryRoutingTable, memoryRoutingTable } from '../../support/memoryRoutingTable';
import { nodeTemplate, poolSpec, until } from '../../support/nodeStage';
import { suiteDatabase } from '../../support/suiteDatabase';

type OpenPool = NodePool & { close(): Promise<void> };

/** What a worker brings; the rest of the options is the provider's. */
export type WorkerOptions = Database &
  Pick<NodePoolOptions, 'stateDir' | 'routing' | 'now' | 'leases' | 'holder'> &
  Required<Pick<NodePoolOptions, 'afterStep'>>;

export interface ProviderStage {
  /** What `nodes.provider` says. */
  readonly name: string;
  /** Nodes that come up at once, answer 200 on any path, after `x-service-ms` if a request has that header. */
  readonly settings: ProviderSettings;
  /** Other settings that are as good: nodes made with `settings` are outdated then. */
  readonly otherSettings: ProviderSettings;
  /** Settings that it refuses, and the field that it names then. */
  readonly refused: { readonly settings: ProviderSettings; readonly field: string };
  open(options: WorkerOptions): Promise<OpenPool>;
  /** How many nodes of the category really run, those included that no record tells of. */
  running(category: string): Promise<number>;
  /** Makes a node fail its health checks without ending it. */
  hang(category: string, id: string): Promise<void>;
  close(): Promise<void>;
}

export function nodeProviderContract(stageOf: (database: () => Database) => ProviderStage): void {
  jest.setTimeout(120_000);
  const root = mkdtempSync(join(tmpdir(), 'pam-contract-'));
  const routing: MemoryRoutingTable = memoryRoutingTable();
  let database: Database;
  suiteDatabase((opened) => {
    database = opened;
  });
  const stage = stageOf(() => database);
  /** Thrown after a step of a worker's change, once. */
  const interruptions = new Map<string, PoolStep>();
  /** Called after every step of a worker's change. */
  let onStep: (worker: string, step: PoolStep) => void | Promise<void> = () => undefined;
  let a: OpenPool;
  let b: OpenPool;

  const open = (worker: string, change: Partial<WorkerOptions> = {}): Promise<OpenPool> =>
    stage.open({
      ...database,
      stateDir: join(root, worker),
      holder: processIdentity(),
      routing,
      now: Date.now,
      async afterStep(step) {
        await onStep(worker, step);
        if (interruptions.get(worker) !== step) return;
        interruptions.delete(worker);
        throw new Error(`interrupted after "${step}"`);
      },
      ...change,
    });
  beforeAll(async () => {
    a = await open('a');
    b = await open('b');
  });
  afterEach(() => {
    interruptions.clear();
    onStep = () => undefined;
  });
  afterAll(async () => {
    await Promise.all([a?.close(), b?.close()]);
    await stage.close();
    rmSync(root, { recursive: true, force: true });
  });

  const spec = (category: string, nodes: number, change: Partial<PoolSpec> = {}): PoolSpec =>
    poolSpec(category, nodes, {
      provider: stage.name,
      template: nodeTemplate({ drainMs: 12_000 }),
      settings: stage.settings,
      ...change,
    });
  const idsOf = async (pool: NodePool, category: string): Promise<string[]> =>
    (await pool.observe(category)).nodes.map(({ id }) => id).sort();
  const endpointsOf = async (category: string): Promise<string[]> =>
    (await routing.endpoints(category)).map(({ id }) => id).sort();

  /** Exactly so many nodes exist, all of them take traffic, and both workers and the proxy agree on which. */
  async function settled(category: string, count: number): Promise<string[]> {
    await until(
      `${count} routable nodes`,
      async () => (await a.observe(category)).routable === count,
      30_000,
    );
    await until('no other node runs', async () => (await stage.running(category)) === count, 30_000);
    const ids = await idsOf(a, category);
    expect(ids).toHaveLength(count);
    expect(await idsOf(b, category)).toEqual(ids);
    expect(await endpointsOf(category)).toEqual(ids);
    return ids;
  }

  describe('a pool of two workers', () => {
    test('has the nodes, the rule and the tags that were asked for, and a second call changes nothing', async () => {
      const first = await a.reconcile(spec('pool', 3));
      expect(first).toMatchObject({ removed: [], provisioned: 3 });
      expect(first.created).toHaveLength(3);
      const ids = await settled('pool', 3);
      expect(routing.rules.get('pool')?.match).toEqual({ pathPrefix: '/pool' });
      const [node] = (await b.observe('pool')).nodes;
      expect(node?.tags).toMatchObject({ category: 'pool', createdBy: 'category:pool/run-1' });
      const again = spec('pool', 3, { createdBy: 'category:pool/run-2' });
      for (const pool of [a, b])
        expect(await pool.reconcile(again)).toEqual({ created: [], removed: [], provisioned: 3 });
      expect(await settled('pool', 3)).toEqual(ids);
    });

    test('grows by the other worker without touching the nodes it has', async () => {
      const before = await idsOf(a, 'pool');
      expect((await b.reconcile(spec('pool', 5))).created).toHaveLength(2);
      expect(await settled('pool', 5)).toEqual(expect.arrayContaining(before));
    });

    test('shrinks: what a node has begun is finished, no new request reaches it, nobody waits', async () => {
      const { nodes } = await a.observe('pool');
      const begun = nodes.map(({ address: { host, port } }) =>
        fetch(`http://${host}:${port}/slow`, { headers: { 'x-service-ms': '9000' } }),
      );
      let answered = 0;
      for (const reply of begun) void reply.then(() => answered++);
      const change = await a.reconcile(spec('pool', 2));
      expect(change).toMatchObject({ created: [], provisioned: 2 });
      expect(change.removed).toHaveLength(3);
      expect(answered).toBe(0);
      expect(await endpointsOf('pool')).toHaveLength(2);
      expect((await Promise.all(begun)).map(({ status }) => status)).toEqual(begun.map(() => 200));
      await settled('pool', 2);
    });

    test('replaces a node that hangs by another one, and only then takes it away', async () => {
      const [victim = ''] = await idsOf(a, 'pool');
      await stage.hang('pool', victim);
      const stateOf = async (id: string) =>
        (await a.observe('pool')).nodes.find((node) => node.id === id)?.state;
      await until('it is unhealthy', async () => (await stateOf(victim)) === 'unhealthy');
      const wanted = spec('pool', 2, { replace: [victim] });
      const first = await a.reconcile(wanted);
      expect(first).toMatchObject({ removed: [], provisioned: 3 });
      await until('its successor serves', async () => (await a.observe('pool')).routable === 2);
      expect(await a.reconcile(wanted)).toMatchObject({ created: [], removed: [victim], provisioned: 2 });
      expect(await settled('pool', 2)).not.toContain(victim);
    });

    test('replaces nodes of other settings, never having fewer that serve than wanted', async () => {
      const before = await idsOf(a, 'pool');
      const wanted = spec('pool', 2, { settings: stage.otherSettings });
      let fewest = 2;
      await until(
        'all are new',
        async () => {
          await a.reconcile(wanted);
          fewest = Math.min(fewest, (await endpointsOf('pool')).length);
          const now = await idsOf(a, 'pool');
          return now.length === 2 && now.every((id) => !before.includes(id));
        },
        60_000,
      );
      expect(fewest).toBe(2);
      await settled('pool', 2);
    });

    test('is removed by either, with its rule, and once more', async () => {
      const ids = await idsOf(a, 'pool');
      const change = await b.remove('pool');
      expect([...change.removed].sort()).toEqual(ids);
      expect(await stage.running('pool')).toBe(0);
      expect(await endpointsOf('pool')).toEqual([]);
      expect(routing.rules.has('pool')).toBe(false);
      for (const pool of [a, b]) {
        expect(await pool.observe('pool')).toEqual({ nodes: [], provisioned: 0, routable: 0 });
        expect(await pool.remove('pool')).toEqual({ created: [], removed: [], provisioned: 0 });
      }
    });

    test('starts anew after that, by the worker whose Pulumi still knows the old one', async () => {
      await a.reconcile(spec('pool', 1));
      await settled('pool', 1);
      expect(routing.rules.has('pool')).toBe(true);
      await a.remove('pool');
    });
  });

  test('settings that can not be are refused with the field, and nothing is made', async () => {
    const { settings, field } = stage.refused;
    await expect(a.reconcile(spec('refused', 1, { settings }))).rejects.toMatchObject({
      code: 'REJECTED',
      message: expect.stringContaining(field),
    });
    await expect(a.reconcile(spec('refused', 1, { provider: 'mars' }))).rejects.toMatchObject({
      code: 'REJECTED',
      message: expect.stringContaining('nodes.provider'),
    });
    expect(await stage.running('refused')).toBe(0);
    expect(await a.observe('refused')).toMatchObject({ provisioned: 0 });
  });

  test('two workers that are asked at once make one set of nodes', async () => {
    const outcomes = await Promise.allSettled([a, b, a, b].map((pool) => pool.reconcile(spec('rivals', 3))));
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'CONFLICT' });
      else expect(outcome.value.provisioned).toBe(3);
    expect(outcomes.some(({ status }) => status === 'fulfilled')).toBe(true);
    await settled('rivals', 3);
    await Promise.allSettled([a.reconcile(spec('rivals', 1)), b.reconcile(spec('rivals', 1))]);
    await settled('rivals', 1);
    await b.remove('rivals');
    expect(await stage.running('rivals')).toBe(0);
  });

  test('the pool of a worker that died is taken over once its lease has run out', async () => {
    await a.reconcile(spec('orphaned', 1));
    await database.leases.acquire('pool:orphaned', 'a worker that died', 3_000);
    const startMs = Date.now();
    expect(await b.reconcile(spec('orphaned', 2))).toMatchObject({ provisioned: 2 });
    expect(Date.now() - startMs).toBeGreaterThan(1_000);
    await settled('orphaned', 2);
    await b.remove('orphaned');
  });

  test('a worker that was only slow can not go on after another has taken over', async () => {
    const stolen = new AbortController();
    const slow = await open('slow', {
      leases: {
        ...database.leases,
        whileHeld: (name, holder, ttlMs, act) =>
          database.leases.whileHeld(name, holder, ttlMs, async (lease) => {
            onStep = async (worker, step) => {
              if (worker !== 'slow' || step !== 'noted') return;
              await database.leases.release(lease);
              await b.reconcile(spec('slow', 1));
              stolen.abort(new PamError('CONFLICT', 'the lease was taken'));
            };
            return act(lease, stolen.signal);
          }),
      },
    });
    try {
      await expect(slow.reconcile(spec('slow', 4))).rejects.toMatchObject({ code: 'CONFLICT' });
      await settled('slow', 1);
      expect((await database.ledger.get('slow'))?.phase).toBe('applied');
      await b.remove('slow');
    } finally {
      await slow.close();
    }
  });

  describe.each(poolSteps)('interrupted after "%s"', (step) => {
    const category = `cut-${step}`;
    const interrupted = async (nodes: number): Promise<void> => {
      interruptions.set('a', step);
      await expect(a.reconcile(spec(category, nodes))).rejects.toThrow(`interrupted after "${step}"`);
    };

    test('a change is ended by the other worker, a further one by the same, and nothing is left over', async () => {
      await interrupted(3);
      expect((await b.reconcile(spec(category, 2))).provisioned).toBe(2);
      await settled(category, 2);
      await interrupted(1);
      expect((await a.reconcile(spec(category, 1))).provisioned).toBe(1);
      await settled(category, 1);
      expect(await b.reconcile(spec(category, 1))).toEqual({ created: [], removed: [], provisioned: 1 });
    });

    test('a removal is ended by the other worker', async () => {
      interruptions.set('a', step);
      await a.remove(category).catch((error: Error) => expect(error.message).toContain(step));
      await b.remove(category);
      await until('no node runs', async () => (await stage.running(category)) === 0);
      expect(await endpointsOf(category)).toEqual([]);
      expect(routing.rules.has(category)).toBe(false);
      expect(await database.ledger.get(category)).toBeNull();
    });
  });
}
