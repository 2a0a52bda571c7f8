import { copyFileSync, existsSync, readdirSync, utimesSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { openNodePool } from '../../../../adapters/nodes';
import { stopAllNodes } from '../../../../adapters/nodes/local/stopAllNodes';
import type { Database } from '../../../../adapters/postgres';
import type { NodePool } from '../../../../ports/nodePool';
import { processIdentity } from '../../../../workers/identity';
import { memoryRoutingTable } from '../../../support/memoryRoutingTable';
import { nodeStage, nodeTemplate, requiredTool, poolSpec as spec, until } from '../../../support/nodeStage';
import { suiteDatabase } from '../../../support/suiteDatabase';

jest.setTimeout(60_000);

const stage = nodeStage();
const { stateDir, builtInNode } = stage;
const routing = memoryRoutingTable();
let nowMs: number | null = null;
let pool: NodePool & { close(): Promise<void> };
const times: string[] = [];

let database: Database;
suiteDatabase((opened) => {
  database = opened;
});
const nodesOf = (category: string) => database.localNodes.list(category);

async function timed<Result>(
  what: string,
  act: () => Promise<Result>,
): Promise<{ result: Result; tookMs: number }> {
  const startMs = performance.now();
  const result = await act();
  const tookMs = performance.now() - startMs;
  times.push(`${what} ${tookMs.toFixed(0)} ms`);
  return { result, tookMs };
}
const allRoutable = (category: string, count: number): Promise<void> =>
  until(
    `${count} routable nodes of ${category}`,
    async () => (await pool.observe(category)).routable === count,
  );
const address = async (category: string, index = 0): Promise<string> => {
  const node = (await pool.observe(category)).nodes[index]!;
  return `http://${node.address.host}:${node.address.port}`;
};

beforeAll(async () => {
  pool = await openNodePool({
    ...database,
    stateDir,
    holder: processIdentity(),
    builtInNode,
    pulumiBinary: requiredTool('PAM_PULUMI'),
    routing,
    now: () => nowMs ?? Date.now(),
  });
});
afterEach(() => {
  nowMs = null;
});
afterAll(async () => {
  if (process.env.PAM_SHOW_TIMES) console.log(times.join('\n'));
  await pool?.close();
  await stage.close();
});

describe('a pool that grows and shrinks', () => {
  test('has the nodes, the rule and the tags that were asked for', async () => {
    const { result } = await timed('up of 3, first', () => pool.reconcile(spec('checkout', 3)));
    expect(result.created).toHaveLength(3);
    expect(result.provisioned).toBe(3);
    await allRoutable('checkout', 3);
    expect(routing.rules.get('checkout')?.match).toEqual({ pathPrefix: '/checkout' });
    const [node] = (await pool.observe('checkout')).nodes;
    expect(node?.tags).toMatchObject({
      category: 'checkout',
      stack: 'checkout',
      createdBy: 'category:checkout/run-1',
    });
    expect(Date.parse(node!.tags.expiry!)).toBe(node!.expiresMs);
    const reply = await fetch(`${await address('checkout')}/anything`);
    expect(reply.headers.get('x-pam-node')).toBe(node!.id);
    expect(reply.headers.get('x-pam-category')).toBe('checkout');
  });

  test('does nothing, and that at once, when all is as asked', async () => {
    const history = join(stateDir, 'pulumi/state/.pulumi/history/pam/checkout');
    const updates = readdirSync(history).length;
    const pids = stage.pids().sort();
    const again = spec('checkout', 3, { createdBy: 'category:checkout/run-2' });
    const { result, tookMs } = await timed('no-op', () => pool.reconcile(again));
    expect(result).toEqual({ created: [], removed: [], provisioned: 3 });
    expect(tookMs).toBeLessThan(150);
    expect(readdirSync(history)).toHaveLength(updates);
    expect(stage.pids().sort()).toEqual(pids);
  });

  test('grows without touching the nodes it has', async () => {
    const before = (await pool.observe('checkout')).nodes.map((node) => node.id);
    await timed('up from 3 to 5', () => pool.reconcile(spec('checkout', 5)));
    await allRoutable('checkout', 5);
    expect((await pool.observe('checkout')).nodes.map((node) => node.id)).toEqual(
      expect.arrayContaining(before),
    );
  });

  test('replaces a node that was killed', async () => {
    const [victim] = await nodesOf('checkout');
    process.kill(victim!.pid!, 'SIGKILL');
    await until('the process is gone', () => !stage.pids().includes(victim!.pid!));
    const { result } = await timed('dead node replaced', () => pool.reconcile(spec('checkout', 5)));
    expect(result.removed).toEqual([victim!.id]);
    expect(result.created).toHaveLength(1);
    await allRoutable('checkout', 5);
    expect((await nodesOf('checkout')).map((node) => node.id)).not.toContain(victim!.id);
    expect((await routing.endpoints('checkout')).map((endpoint) => endpoint.id)).not.toContain(victim!.id);
  });

  test('finishes what a node has begun before it goes, without waiting for it', async () => {
    const nodes = (await pool.observe('checkout')).nodes;
    const slow = nodes.map(({ address: { host, port } }) =>
      fetch(`http://${host}:${port}/slow`, { headers: { 'x-service-ms': '4500' } }),
    );
    let answered = 0;
    for (const reply of slow) void reply.then(() => answered++);
    const { result } = await timed('down from 5 to 1', () => pool.reconcile(spec('checkout', 1)));
    expect(result.removed).toHaveLength(4);
    expect(answered).toBe(0);
    expect(await routing.endpoints('checkout')).toHaveLength(1);
    expect((await Promise.all(slow)).map((reply) => reply.status)).toEqual([200, 200, 200, 200, 200]);
    await until('drained nodes are gone', () => stage.pids().length === 1);
    await until('their records too', async () => (await nodesOf('checkout')).length === 1);
  });

  test('puts back what the proxy has lost', async () => {
    routing.forget();
    await pool.reconcile(spec('checkout', 1));
    expect(await routing.endpoints('checkout')).toHaveLength(1);
  });

  test('replaces an expired node only when its successor takes traffic', async () => {
    await pool.reconcile(spec('checkout', 1));
    const [old] = (await pool.observe('checkout')).nodes;
    nowMs = old!.expiresMs + 1;
    const first = await pool.reconcile(spec('checkout', 1));
    expect(first).toMatchObject({ removed: [], provisioned: 2 });
    await allRoutable('checkout', 2);
    const second = await pool.reconcile(spec('checkout', 1));
    expect(second).toMatchObject({ created: [], removed: [old!.id], provisioned: 1 });
  });

  test('replaces a node that hangs by another one, and only then takes it away', async () => {
    const template = nodeTemplate({ drainMs: 1_000 });
    await pool.reconcile(spec('hung', 3, { template }));
    await allRoutable('hung', 3);
    const [victim] = await nodesOf('hung');
    process.kill(victim!.pid!, 'SIGSTOP');
    await until('it is unhealthy', async () =>
      (await pool.observe('hung')).nodes.some(({ id, state }) => id === victim!.id && state === 'unhealthy'),
    );
    // Left alone until someone gives it up.
    expect(await pool.reconcile(spec('hung', 3, { template }))).toMatchObject({ created: [], removed: [] });
    const wanted = spec('hung', 3, { template, replace: [victim!.id] });
    const { result: first } = await timed('successor of a hung node', () => pool.reconcile(wanted));
    expect(first).toMatchObject({ removed: [], provisioned: 4 });
    expect(first.created).toHaveLength(1);
    await allRoutable('hung', 3);
    const { result: second } = await timed('hung node gone', () => pool.reconcile(wanted));
    expect(second).toMatchObject({ created: [], removed: [victim!.id], provisioned: 3 });
    expect((await routing.endpoints('hung')).map(({ id }) => id)).not.toContain(victim!.id);
    // It does not hear SIGTERM: killed when its drain is over.
    await until('its process is gone', () => !stage.pids().includes(victim!.pid!));
    expect((await pool.observe('hung')).routable).toBe(3);
    await pool.remove('hung');
  });

  test('leaves no process and no file behind, twice', async () => {
    await timed('remove', () => pool.remove('checkout'));
    expect(stage.pids()).toEqual([]);
    for (const path of ['nodes/checkout', 'pulumi/work/checkout'])
      expect(existsSync(join(stateDir, path))).toBe(false);
    expect(readdirSync(join(stateDir, 'pulumi/state/.pulumi/stacks/pam'))).toEqual([]);
    expect(await nodesOf('checkout')).toEqual([]);
    expect(await database.ledger.get('checkout')).toBeNull();
    expect(routing.rules.has('checkout')).toBe(false);
    expect(await pool.remove('checkout')).toEqual({ created: [], removed: [], provisioned: 0 });
  });
});

test('starts anew after all nodes were stopped behind its back', async () => {
  await pool.reconcile(spec('revived', 2));
  const before = (await nodesOf('revived')).map((node) => node.id);
  await stopAllNodes(stateDir, () => undefined);
  const change = await pool.reconcile(spec('revived', 2));
  expect(change).toMatchObject({ provisioned: 2 });
  await allRoutable('revived', 2);
  expect(change.created).toHaveLength(2);
  expect((await routing.endpoints('revived')).map(({ id }) => id).sort()).toEqual([...change.created].sort());
  expect(before.some((id) => change.created.includes(id))).toBe(false);
  await pool.remove('revived');
});

test('keeps a bounded history of updates and logs, and the log of every node that exists', async () => {
  await pool.reconcile(spec('busy', 1));
  const history = join(stateDir, 'pulumi/state/.pulumi/history/pam/busy');
  const [firstLog] = (await nodesOf('busy')).map((node) => node.log);
  // As thirty older updates and nodes would have left it.
  for (const name of readdirSync(history))
    for (let age = 1; age <= 30; age += 1)
      olderCopy(history, name, name.replace('busy-', `busy-0${age}`), age);
  for (let age = 1; age <= 30; age += 1)
    olderCopy(dirname(firstLog!), basename(firstLog!), `gone-${age}.log`, age);
  await pool.reconcile(spec('busy', 2));
  const updates = readdirSync(history).filter((name) => name.endsWith('.history.json'));
  expect(updates).toHaveLength(20);
  // Both real ones, newer than all the others, are among those that stay.
  expect(updates.filter((name) => !name.startsWith('busy-0'))).toHaveLength(2);
  expect(readdirSync(join(stateDir, 'pulumi/home/logs')).length).toBeLessThanOrEqual(20);
  const logs = readdirSync(dirname(firstLog!));
  expect(logs.filter((name) => name.startsWith('gone-'))).toHaveLength(20);
  for (const { log } of await nodesOf('busy')) expect(logs).toContain(basename(log));
  await pool.remove('busy');

  function olderCopy(folder: string, from: string, to: string, age: number): void {
    copyFileSync(join(folder, from), join(folder, to));
    const writtenS = Date.now() / 1000 - 3_600 * age;
    utimesSync(join(folder, to), writtenS, writtenS);
  }
});

test('three categories go up at the same time, each with its own stack; a shared pool has no rule', async () => {
  const specs = [spec('one', 2), spec('two', 2), spec('shared', 2, { rule: null })];
  await timed('three stacks of 2 at once', () => Promise.all(specs.map((wanted) => pool.reconcile(wanted))));
  for (const { category } of specs) await allRoutable(category, 2);
  expect([...routing.rules.keys()].sort()).toEqual(['one', 'two']);
  await Promise.all(specs.map(({ category }) => pool.remove(category)));
  expect(stage.pids()).toEqual([]);
});

test('a command of the user serves on $PORT with its own environment', async () => {
  const script =
    'require("http").createServer((q, r) => r.end(process.env.GREETING + " " + process.env.PAM_CATEGORY)).listen(process.env.PORT)';
  const command = [process.execPath, '-e', script];
  const settings = { command, env: { GREETING: 'hello' }, healthPath: '/' };
  await pool.reconcile(spec('own', 1, { settings }));
  await allRoutable('own', 1);
  expect(await (await fetch(await address('own'))).text()).toBe('hello own');
  await pool.remove('own');
  expect(stage.pids()).toEqual([]);
});

test('a command that fails at once is refused with what it said, and leaves nothing', async () => {
  const command = [process.execPath, '-e', 'console.error("no licence"); process.exit(3)'];
  const failing = pool.reconcile(spec('broken', 2, { settings: { command } }));
  await expect(failing).rejects.toMatchObject({
    code: 'REJECTED',
    message: expect.stringContaining('no licence'),
  });
  expect(await nodesOf('broken')).toEqual([]);
  await pool.reconcile(spec('broken', 1));
  await allRoutable('broken', 1);
  await pool.remove('broken');
});

test('a cancelled update ends with the reason of the cancellation and is continued by the next', async () => {
  const cancel = new AbortController();
  const reason = new Error('the activity was cancelled');
  const cancelled = pool.reconcile(spec('fickle', 8), {
    signal: cancel.signal,
    progress: (line) => {
      if (line.includes('pam:local:Node')) cancel.abort(reason);
    },
  });
  await expect(cancelled).rejects.toBe(reason);
  const { result } = await timed('up of 2 after a cancelled one', () => pool.reconcile(spec('fickle', 2)));
  expect(result.provisioned).toBe(2);
  await allRoutable('fickle', 2);
  await until('nothing else runs', () => stage.pids().length === 2);
  await pool.remove('fickle');
});
