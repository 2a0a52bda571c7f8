/**
 * The end of a local node: asked with SIGTERM to finish what it has begun, killed when its time is over. The deadline is in
 * the store, so whoever comes next on its machine finishes a drain whose starter was killed; nobody has to wait for it.
 */
import type { Now } from '../../../ports/clock';
import type { ListedLocalNode, LocalNode, LocalNodeStore } from '../../../ports/stores/nodes/localNodeStore';
import { removeProcessFile } from './processFiles';
import { isRunning, type ProcessIdentity, processesWithEnvironment, signalProcess } from './processIdentity';

export interface EndingWorld {
  readonly store: LocalNodeStore;
  /** Identity of this machine: only its processes are looked at and signalled. */
  readonly machine: string;
  readonly now: Now;
}

/** Without a worker for this long, nobody is there to end what drains on a machine, ms. */
export const silentAfterMs = 60_000;
/** A node that drains on a machine that stays silent is forgotten this long after its deadline, ms: 7 days. */
const forgetAfterMs = 604_800_000;

/** The processes of a node of this machine: the recorded one, or those found by their environment if none was recorded. */
export function processesOf({ pid, startTicks, stateDir, id }: LocalNode): ProcessIdentity[] {
  // Killed between spawn and the second writing of the record: the environment is the only trace.
  if (pid === null || startTicks === null)
    return processesWithEnvironment({ PAM_STATE: stateDir, PAM_NODE_ID: id });
  return isRunning({ pid, startTicks }) ? [{ pid, startTicks }] : [];
}

/** True when the recorded process of this machine runs. */
export function nodeRuns({ pid, startTicks }: LocalNode): boolean {
  return pid !== null && startTicks !== null && isRunning({ pid, startTicks });
}

async function forget({ store }: EndingWorld, { stateDir, category, id }: LocalNode): Promise<void> {
  removeProcessFile(stateDir, category, id);
  await store.remove(category, id);
}

/**
 * Notes until when the node may go on and asks it to finish; returns at once. Idempotent: a second call keeps the earlier
 * deadline. Of a node of another machine only the deadline is noted: a worker there does the rest.
 * @param drainMs how long it may finish what it has begun, ms.
 */
export async function beginDrain(
  world: EndingWorld,
  category: string,
  id: string,
  drainMs: number,
): Promise<void> {
  const node = await world.store.drain(category, id, world.now() + drainMs);
  if (node !== null && node.machine === world.machine) await carryOn(world, node);
}

/** Takes a drain on this machine as far as it can go now; false when it is over. */
async function carryOn(world: EndingWorld, node: LocalNode): Promise<boolean> {
  const processes = processesOf(node);
  if (processes.length === 0) {
    await forget(world, node);
    return false;
  }
  if (world.now() >= (node.drainUntilMs ?? 0)) {
    for (const identity of processes) signalProcess(identity, 'SIGKILL');
  } else if (!node.asked) {
    for (const identity of processes) signalProcess(identity, 'SIGTERM');
    await world.store.asked(node.category, node.id);
  }
  return true;
}

/**
 * Ends every drain of `nodes` that is over: asks, kills and forgets what is on this machine, and forgets what a machine
 * that stays silent can't end any more.
 * @returns how many nodes still drain where somebody can end them.
 */
export async function finishDrains(world: EndingWorld, nodes: readonly ListedLocalNode[]): Promise<number> {
  let left = 0;
  for (const node of nodes) {
    if (node.drainUntilMs === null) continue;
    if (node.machine === world.machine) {
      if (await carryOn(world, node)) left += 1;
    } else if (node.machineSeenMs < silentAfterMs) left += 1;
    else if (world.now() > node.drainUntilMs + forgetAfterMs)
      await world.store.remove(node.category, node.id);
  }
  return left;
}
