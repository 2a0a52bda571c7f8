/** Processes with the mark of the installation: each is a part, or was started by one that still runs. */
import { isRunning, signalProcess } from '../../../adapters/nodes/local/processIdentity';
import { commandLineOf, parentOf } from '../../../installation/servers/processTable';
import { markedProcesses, runningParts } from '../../../installation/startedBy';
import { check } from '../check';

export const processes = check(
  'processes',
  'the processes of this installation with its parts',
  [],
  async ({ stateDir, installation }) => {
    const parts = runningParts(stateDir, installation?.processes);
    const first = new Map(parts.map((part) => [part.name, part.pid]));
    // The one on record is meant; `runningParts` has the oldest first.
    for (const { name, pid } of installation?.processes ?? [])
      if (parts.some((part) => part.pid === pid)) first.set(name, pid);
    const meant = new Set(first.values());
    const belongs = (pid: number): boolean => {
      for (let one = pid, steps = 0; one > 1 && steps < 30; one = parentOf(one), steps++)
        if (meant.has(one)) return true;
      return false;
    };
    return markedProcesses(stateDir)
      .filter(({ pid }) => !belongs(pid))
      .map((identity) => ({
        what: `process ${identity.pid} (${commandLineOf(identity.pid).slice(0, 80)}) was started by this installation and belongs to no part that runs`,
        affects: 'it takes memory and may go on with what a killed worker had begun',
        todo: `end it: kill ${identity.pid}`,
        repair: async () => {
          signalProcess(identity, 'SIGTERM');
          for (let waited = 0; waited < 3_000 && isRunning(identity); waited += 50)
            await new Promise((resolve) => setTimeout(resolve, 50));
          signalProcess(identity, 'SIGKILL');
          return `process ${identity.pid} was ended`;
        },
      }));
  },
);
