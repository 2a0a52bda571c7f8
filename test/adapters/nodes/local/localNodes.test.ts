import { existsSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { freePort } from '../../../../adapters/nodes/local/freePort';
import { listNodes, readNodeRecord, writeNodeRecord } from '../../../../adapters/nodes/local/nodeRecord';
import { isRunning } from '../../../../adapters/nodes/local/processIdentity';
import { startNode } from '../../../../adapters/nodes/local/startNode';
import { stopAllNodes } from '../../../../adapters/nodes/local/stopAllNodes';
import { beginDrain, drained, finishDrains, stopNode } from '../../../../adapters/nodes/local/stopNode';
import type { NodeOrder } from '../../../../ports/nodeOrder';
import { nodeStage, nodeTemplate, until } from '../../../support/nodeStage';

const stage = nodeStage();
const { stateDir, builtInNode } = stage;
const options = { stateDir, builtInNode, random: Math.random };
afterEach(() => stopAllNodes(stateDir, () => undefined));
afterAll(() => stage.close());

function order(id: string, change: Parameters<typeof nodeTemplate>[0] = {}): NodeOrder {
  const template = nodeTemplate(change);
  return { id, category: 'c', stack: 'c', createdBy: 'test', createdMs: 1, expiresMs: 2, template };
}
/** A node that does not care about SIGTERM. */
const stubborn = {
  command: [
    process.execPath,
    '-e',
    'process.on("SIGTERM", () => {}); require("http").createServer().listen(process.env.PORT)',
  ],
};

test('a node is on disk with its process, and knows who it is', async () => {
  expect(process.env.DATABASE_URL).toBeDefined();
  const record = await startNode(order('a'), options);
  expect(readNodeRecord(stateDir, 'c', 'a')).toEqual(record);
  expect(isRunning({ pid: record.pid!, startTicks: record.startTicks! })).toBe(true);
  expect(isRunning({ pid: record.pid!, startTicks: record.startTicks! + 1 })).toBe(false);
  expect(stage.pids()).toEqual([record.pid]);
  const printed = [
    process.execPath,
    '-e',
    'console.log(Object.keys(process.env).sort().join()); process.exit(1)',
  ];
  const shown = await startNode(order('env', { command: printed }), options).catch(
    (error: Error) => error.message,
  );
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
    const record = await startNode(order('b', { command }), {
      ...options,
      random: () => (wanted + 1 - 18_000) / 14_000,
    });
    expect(record.port).not.toBe(wanted + 1);
    expect(stage.pids()).toEqual([record.pid]);
  } finally {
    squatter.close();
  }
});

test('nodes that start at the same time get ports of their own', async () => {
  const same = { ...options, random: () => 0.25 };
  const records = await Promise.all(
    Array.from({ length: 6 }, (_, index) => startNode(order(`p${index}`), same)),
  );
  expect(new Set(records.map((record) => record.port)).size).toBe(6);
});

test('a program that is not there is an error that names it', async () => {
  const missing = startNode(order('d', { command: ['no-such-program'] }), options);
  await expect(missing).rejects.toMatchObject({
    code: 'REJECTED',
    message: expect.stringContaining('no-such-program'),
  });
  expect(listNodes(stateDir)).toEqual([]);
});

test('a node that does not stop is killed when its drain is over, by whoever looks next', async () => {
  const record = await startNode(order('e', stubborn), options);
  await stopNodeWithoutWaiting();
  expect(finishDrains(stateDir, () => 500)).toBe(1);
  expect(stage.pids()).toEqual([record.pid]);
  finishDrains(stateDir, () => 1_001);
  await until('it is gone', () => stage.pids().length === 0);
  expect(finishDrains(stateDir, () => 1_002)).toBe(0);
  expect(existsSync(join(stateDir, 'nodes', 'c'))).toBe(false);

  async function stopNodeWithoutWaiting(): Promise<void> {
    beginDrain(stateDir, 'c', 'e', 1_000, () => 0);
    // A second order to drain does not prolong the first.
    beginDrain(stateDir, 'c', 'e', 9_000, () => 0);
    expect(readNodeRecord(stateDir, 'c', 'e')?.drainUntilMs).toBe(1_000);
  }
});

test('a process whose record was cut off between order and start is found by its environment', async () => {
  const record = await startNode(order('f'), options);
  writeNodeRecord(stateDir, { ...record, pid: null, startTicks: null });
  await stopNode(stateDir, 'c', 'f', 2_000, Date.now);
  expect(stage.pids()).toEqual([]);
  expect(listNodes(stateDir)).toEqual([]);
});

test('stopAllNodes ends recorded, unrecorded and stubborn nodes alike', async () => {
  await startNode(order('g'), options);
  const lost = await startNode(order('h'), options);
  await startNode(order('i', stubborn), options);
  rmSync(join(stateDir, 'nodes', 'c', `${lost.id}.json`));
  const lines: string[] = [];
  expect(await stopAllNodes(stateDir, (line) => lines.push(line))).toBe(3);
  expect(stage.pids()).toEqual([]);
  expect(listNodes(stateDir)).toEqual([]);
  expect(lines.join()).toContain('stopped 3 nodes, 1 of them killed');
  await drained(stateDir, Date.now);
}, 15_000);
