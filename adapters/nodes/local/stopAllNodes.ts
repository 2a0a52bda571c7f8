/**
 * Every node process of an installation ended, on file or not: what `pam down` does after the workers are gone, with or
 * without PostgreSQL. What the store and Pulumi know of them stays and is reconciled by the next start.
 */
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { nodeUserIds } from './nodeUser';
import { listProcessFiles, removeProcessFile } from './processFiles';
import {
  isRunning,
  type ProcessIdentity,
  processesWithEnvironment,
  signalProcess,
  userOf,
} from './processIdentity';

/** At most this long for nodes to finish what they have begun, whatever their template says, ms. */
const patienceMs = 5_000;

/**
 * SIGTERM to all, SIGKILL to those that are left after at most 5 s, their files removed.
 * @param report takes one line about what was done.
 * @returns how many processes were ended.
 */
export async function stopAllNodes(stateDir: string, report: (line: string) => void): Promise<number> {
  const found = new Map<number, ProcessIdentity>();
  const files = listProcessFiles(stateDir);
  // Programs that write a title over their environment are found by their file alone. It may name a process of this user,
  // or of one that only nodes run as; whatever else it names says itself that it is a node of this folder, or is left alone.
  const users = new Set([process.getuid?.() ?? -1, ...nodeUserIds()]);
  for (const { pid, startTicks } of files)
    if (isRunning({ pid, startTicks }) && users.has(userOf(pid))) found.set(pid, { pid, startTicks });
  // Only nodes carry PAM_NODE_ID beside PAM_STATE; workers share the latter.
  for (const identity of processesWithEnvironment({ PAM_STATE: resolve(stateDir) }, 'PAM_NODE_ID'))
    found.set(identity.pid, identity);
  const processes = [...found.values()];
  for (const identity of processes) signalProcess(identity, 'SIGTERM');
  for (let waited = 0; waited < patienceMs && processes.some(isRunning); waited += 50) await sleep(50);
  const stubborn = processes.filter(isRunning);
  for (const identity of stubborn) signalProcess(identity, 'SIGKILL');
  while (stubborn.some(isRunning)) await sleep(20);
  for (const { category, id } of files) removeProcessFile(stateDir, category, id);
  if (processes.length > 0)
    report(
      `stopped ${processes.length} node${processes.length === 1 ? '' : 's'}` +
        (stubborn.length > 0 ? `, ${stubborn.length} of them killed after ${patienceMs / 1000} s` : ''),
    );
  return processes.length;
}
