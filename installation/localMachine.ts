/** The records of local nodes → which of them are processes of this machine, and whether these run. */
import { thisMachine } from '../adapters/nodes/local/machine';
import { isRunning } from '../adapters/nodes/local/processIdentity';
import type { LocalNode } from '../ports/stores/nodes/localNodeStore';

/** Identity of this machine, as records of local nodes have it. */
export const machineHere = thisMachine;

/** As far as this machine can tell: of another machine's process only its worker knows. */
export function serves({ ended, drainUntilMs, pid, startTicks, machine }: LocalNode): boolean {
  if (ended || drainUntilMs !== null || pid === null || startTicks === null) return false;
  return machine !== thisMachine() || isRunning({ pid, startTicks });
}
