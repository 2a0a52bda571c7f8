/**
 * The end of a node: asked with SIGTERM to finish what it has begun, killed when its time is over. The deadline is on
 * disk, so whoever comes next finishes a drain whose starter was killed; nobody has to wait for it.
 */

import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Now } from '../../../ports/clock';
import { listNodes, type NodeRecord, readNodeRecord, removeNodeRecord, writeNodeRecord } from './nodeRecord';
import { isRunning, type ProcessIdentity, processesWithEnvironment, signalProcess } from './processIdentity';

/** Sign of life of a wait, ms. */
const tellEveryMs = 3_000;

/** The processes of a recorded node: the recorded one, or those found by their environment when none was recorded. */
export function processesOf(stateDir: string, record: NodeRecord): ProcessIdentity[] {
  const { pid, startTicks } = record;
  // Killed between spawn and the second writing of the record: the environment is the only trace.
  if (pid === null || startTicks === null)
    return processesWithEnvironment({ PAM_STATE: resolve(stateDir), PAM_NODE_ID: record.id });
  return isRunning({ pid, startTicks }) ? [{ pid, startTicks }] : [];
}

/** True when the process of this record runs. */
export function nodeRuns(record: NodeRecord): boolean {
  const { pid, startTicks } = record;
  return pid !== null && startTicks !== null && isRunning({ pid, startTicks });
}

/**
 * Sends SIGTERM and notes until when the node may go on; returns at once. Idempotent: a second call keeps the earlier
 * deadline. A node without a process loses its record.
 * @param drainMs how long it may finish what it has begun, ms.
 */
export function beginDrain(stateDir: string, category: string, id: string, drainMs: number, now: Now): void {
  const record = readNodeRecord(stateDir, category, id);
  if (record === null || record.drainUntilMs !== null) return;
  const processes = processesOf(stateDir, record);
  const [first] = processes;
  if (first === undefined) {
    removeNodeRecord(stateDir, category, id);
    return;
  }
  writeNodeRecord(stateDir, { ...record, ...first, drainUntilMs: now() + drainMs });
  for (const identity of processes) signalProcess(identity, 'SIGTERM');
}

/**
 * Ends every drain that is over: removes records whose process has ended, kills what is past its deadline.
 * @returns how many nodes still drain.
 */
export function finishDrains(stateDir: string, now: Now, category?: string): number {
  let left = 0;
  for (const record of listNodes(stateDir, category)) {
    if (record.drainUntilMs === null) continue;
    const processes = processesOf(stateDir, record);
    if (processes.length === 0) {
      removeNodeRecord(stateDir, record.category, record.id);
      continue;
    }
    left += 1;
    if (now() < record.drainUntilMs) continue;
    for (const identity of processes) signalProcess(identity, 'SIGKILL');
  }
  return left;
}

/** Resolves when no node of the category (or of any) drains any more; at the latest when the last deadline is over. */
export async function drained(
  stateDir: string,
  now: Now,
  options?: {
    readonly category?: string;
    readonly signal?: AbortSignal;
    /** Called every few seconds with what is waited for. */
    readonly progress?: (message: string) => void;
  },
): Promise<void> {
  let toldMs = now();
  for (;;) {
    const left = finishDrains(stateDir, now, options?.category);
    if (left === 0) return;
    options?.signal?.throwIfAborted();
    if (now() - toldMs >= tellEveryMs) {
      toldMs = now();
      options?.progress?.(`${left} nodes finish what they have begun`);
    }
    await sleep(50);
  }
}

/** SIGTERM, up to `drainMs` for what was begun, then SIGKILL; resolves when the process and its record are gone. */
export async function stopNode(
  stateDir: string,
  category: string,
  id: string,
  drainMs: number,
  now: Now,
): Promise<void> {
  beginDrain(stateDir, category, id, drainMs, now);
  while (readNodeRecord(stateDir, category, id) !== null && finishDrains(stateDir, now, category) > 0)
    await sleep(30);
}
