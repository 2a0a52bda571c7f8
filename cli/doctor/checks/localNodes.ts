/** Local nodes of this machine: records, processes and what the ledger asks for are the same nodes. */
import {
  isRunning,
  type ProcessIdentity,
  processesWithEnvironment,
  signalProcess,
} from '../../../adapters/nodes/local/processIdentity';
import { machineHere } from '../../../installation/localMachine';
import { parentOf, variableOf } from '../../../installation/servers/processTable';
import { check, type Difference } from '../check';

export const localNodes = check(
  'nodes',
  'node processes of this machine with their records and the ledger',
  ['database'],
  async ({ database, stateDir }) => {
    const [rows, ledger] = await Promise.all([
      database.localNodes.onMachine(machineHere()),
      database.ledger.list(),
    ]);
    const asked = new Set(
      ledger.flatMap(({ category, nodes, provider }) =>
        provider === 'local' ? nodes.map((id) => `${category}/${id}`) : [],
      ),
    );
    const known = new Set(rows.map(({ category, id }) => `${category}/${id}`));
    const dead = rows
      .filter(
        ({ pid, startTicks, ended }) =>
          !ended && pid !== null && startTicks !== null && !isRunning({ pid, startTicks }),
      )
      .map(
        ({ category, id, pid }): Difference => ({
          what: `node ${id} of "${category}" is on record and its process (pid ${pid}) is gone`,
          affects: 'the proxy passes it over; the next tick replaces it, if the category is looked after',
          todo: 'nothing, unless no worker runs: then "pam up"',
          repair: async () => {
            await database.localNodes.ended(category, id);
            return `node ${id} is on record as ended`;
          },
        }),
      );
    const unknown = nodeProcesses(stateDir)
      .filter(({ key }) => !known.has(key))
      .map(
        ({ key, identity }): Difference => ({
          what: `process ${identity.pid} is node ${key} and no record tells of it`,
          affects: asked.has(key)
            ? 'its pool counts on it: the next tick takes it in or makes it anew'
            : 'it runs for nobody',
          todo: `end it: kill ${identity.pid}`,
          repair: asked.has(key)
            ? null
            : async () => {
                signalProcess(identity, 'SIGTERM');
                for (let waited = 0; waited < 5_000 && isRunning(identity); waited += 50)
                  await new Promise((resolve) => setTimeout(resolve, 50));
                signalProcess(identity, 'SIGKILL');
                return `node ${key} was asked to finish and has ended`;
              },
        }),
      );
    return [...dead, ...unknown];
  },
);

/** Nodes of this state folder; what a node has started itself inherits its environment and is none. */
function nodeProcesses(stateDir: string): { key: string; identity: ProcessIdentity }[] {
  return processesWithEnvironment({ PAM_STATE: stateDir }, 'PAM_NODE_ID').flatMap((identity) => {
    const id = variableOf(identity.pid, 'PAM_NODE_ID');
    if (variableOf(parentOf(identity.pid), 'PAM_NODE_ID') === id) return [];
    return [{ key: `${variableOf(identity.pid, 'PAM_CATEGORY')}/${id}`, identity }];
  });
}
