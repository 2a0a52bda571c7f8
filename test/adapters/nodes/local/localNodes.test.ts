import { existsSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { beginDrain, finishDrains } from '../../../../adapters/nodes/local/endNode';
import { freePort } from '../../../../adapters/nodes/local/freePort';
import { thisMachine } from '../../../../adapters/nodes/local/machine';
import { listProcessFiles } from '../../../../adapters/nodes/local/processFiles';
import { isRunning } from '../../../../adapters/nodes/local/processIdentity';
import { localSettings } from '../../../../adapters/nodes/local/settings';
import { startNode } from '../../../../adapters/nodes/local/startNode';
import { stopAllNodes } from '../../../../adapters/nodes/local/stopAllNodes';
import { settingsParser } from '../../../../core/category/settings';
import type { NodeOrder, ProviderSettings } from '../../../../ports/nodeOrder';
import type { LocalNodeStore } from '../../../../ports/stores/nodes/localNodeStore';
import { nodeStage, nodeTemplate, until } from '../../../support/nodeStage';
import { suiteDatabase } from '../../../support/suiteDatabase';

const stage = nodeStage();
const { stateDir, builtInNode } = stage;
const machine = thisMachine();
let store: LocalNodeStore;
suiteDatabase((database) => {
  store = database.localNodes;
});
const start = (order: NodeOrder, random: () => number = Math.random) =>
  startNode(order, { stateDir, builtInNode, store, machine, random });
const ending = (now: () => number) => ({ store, machine, now });
const sweep = async (now: () => number) => finishDrains(ending(now), await store.list());
afterEach(async () => {
  await stopAllNodes(stateDir, () => undefined);
  for (const { category, id } of await store.list()) await store.remove(category, id);
});
afterAll(() => stage.close());

function order(id: string, part: ProviderSettings = {}): NodeOrder {
  const settings = settingsParser(localSettings).parse({ bootTime: '1ms', ...part });
  const template = nodeTemplate();
  return { id, category: 'c', stack: 'c', createdBy: 'test', createdMs: 1, expiresMs: 2, template, settings };
}
/** A node that does not care about SIGTERM. */
const stubborn = {
  command: [
    process.execPath,
    '-e',
    'process.on("SIGTERM", () => {}); require("http").createServer().listen(process.env.PORT)',
  ],
};

test('a node is on record with its process, and knows who it is', async () => {
  expect(process.env.DATABASE_URL).toBeDefined();
  const record = await start(order('a'));
  expect(await store.get('c', 'a')).toMatchObject(record);
  const { pid, startTicks } = record;
  expect(listProcessFiles(stateDir)).toEqual([{ category: 'c', id: 'a', pid, startTicks }]);
  expect(isRunning({ pid: record.pid!, startTicks: record.startTicks! })).toBe(true);
  expect(isRunning({ pid: record.pid!, startTicks: record.startTicks! + 1 })).toBe(false);
  expect(stage.pids()).toEqual([record.pid]);
  const printed = [
    process.execPath,
    '-e',
    'console.log(Object.keys(process.env).sort().join()); process.exit(1)',
  ];
  const shown = await start(order('env', { command: printed })).catch((error: Error) => error.message);
  expect(shown).toContain('PAM_EXPIRY,PAM_HEALTH_PATH,PAM_NODE_ID');
  expect(shown).not.toContain('DATABASE_URL');
});

test('a port that was taken in the meantime is exchanged for another', async () => {
  const squatter = createServer();
  // The port is asked for on 127.0.0.1 and free there; the command insists on all addresses, where it is taken.
  const wanted = await freePort('127.0.0.1', new Set(), () => 0.5);
  await new Promise<void>((listening) => squatter.listen({ host: '::1', port: wanted + 1 }, listening));
  const command = [
    process.execPath,
    '-e',
    `const p = +process.env.PORT; require("http").createServer().listen({ port: p, host: p === ${wanted + 1} ? "::1" : "127.0.0.1" })`,
  ];
  try {
    const record = await start(order('b', { command }), () => (wanted + 1 - 18_000) / 14_000);
    expect(record.port).not.toBe(wanted + 1);
    expect(stage.pids()).toEqual([record.pid]);
  } finally {
    squatter.close();
  }
});

test('nodes that start at the same time get ports of their own', async () => {
  const records = await Promise.all(
    Array.from({ length: 6 }, (_, index) => start(order(`p${index}`), () => 0.25)),
  );
  expect(new Set(records.map((record) => record.port)).size).toBe(6);
});

test('a program that is not there is an error that names it', async () => {
  const missing = start(order('d', { command: ['no-such-program'] }));
  await expect(missing).rejects.toMatchObject({
    code: 'REJECTED',
    message: expect.stringContaining('no-such-program'),
  });
  expect(await store.list()).toEqual([]);
  expect(listProcessFiles(stateDir)).toEqual([]);
});

test('a node that does not stop is killed when its drain is over, by whoever looks next', async () => {
  const record = await start(order('e', stubborn));
  await stopNodeWithoutWaiting();
  expect(await sweep(() => 500)).toBe(1);
  expect(stage.pids()).toEqual([record.pid]);
  await sweep(() => 1_001);
  await until('it is gone', () => stage.pids().length === 0);
  expect(await sweep(() => 1_002)).toBe(0);
  expect(existsSync(join(stateDir, 'nodes', 'c'))).toBe(false);

  async function stopNodeWithoutWaiting(): Promise<void> {
    await beginDrain(
      ending(() => 0),
      'c',
      'e',
      1_000,
    );
    // A second order to drain does not prolong the first.
    await beginDrain(
      ending(() => 0),
      'c',
      'e',
      9_000,
    );
    expect((await store.get('c', 'e'))?.drainUntilMs).toBe(1_000);
  }
});

test('a process whose record was cut off between order and start is found by its environment', async () => {
  const record = await start(order('f'));
  await store.add({ ...record, pid: null, startTicks: null });
  await beginDrain(ending(Date.now), 'c', 'f', 2_000);
  await until('its drain is over', async () => (await sweep(Date.now)) === 0);
  expect(stage.pids()).toEqual([]);
  expect(await store.list()).toEqual([]);
});

test('stopAllNodes ends nodes on file, nodes without a file and stubborn ones alike', async () => {
  await start(order('g'));
  const lost = await start(order('h'));
  await start(order('i', stubborn));
  rmSync(join(stateDir, 'nodes', 'c', `${lost.id}.json`));
  const lines: string[] = [];
  expect(await stopAllNodes(stateDir, (line) => lines.push(line))).toBe(3);
  expect(stage.pids()).toEqual([]);
  expect(listProcessFiles(stateDir)).toEqual([]);
  expect(lines.join()).toContain('stopped 3 nodes, 1 of them killed');
}, 15_000);
