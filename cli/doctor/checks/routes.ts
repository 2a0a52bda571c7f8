/** The proxy's endpoints of each pool are the nodes of its ledger. */
import { thisMachine } from '../../../adapters/nodes/local/machine';
import { isRunning } from '../../../adapters/nodes/local/processIdentity';
import type { LocalNode } from '../../../ports/stores/nodes/localNodeStore';
import { check, type Difference } from '../check';

export const routes = check(
  'routes',
  'endpoints that the proxy is told of with the nodes of each pool',
  ['database', 'routing'],
  async ({ database, routing }) => {
    const [ledger, rows] = await Promise.all([database.ledger.list(), database.localNodes.list()]);
    const found = await Promise.all(
      ledger.map(async ({ category, nodes, phase }): Promise<Difference[]> => {
        if (phase !== 'applied') return [];
        const endpoints = new Map((await routing.endpoints(category)).map((one) => [one.id, one]));
        const lost = rows.filter(
          (row) =>
            row.category === category && nodes.includes(row.id) && serves(row) && !endpoints.has(row.id),
        );
        const extra = [...endpoints.keys()].filter((id) => !nodes.includes(id));
        return [
          ...lost.map(({ id, host, port, settings }) => ({
            what: `node ${id} of "${category}" runs and the proxy is not told of it`,
            affects: 'it is paid for and gets no request; the next tick puts it in place',
            todo: 'nothing, unless no worker runs: then "pam up"',
            repair: async () => {
              const healthPath = typeof settings.healthPath === 'string' ? settings.healthPath : '/healthz';
              await routing.putEndpoint(category, { id, host, port, healthPath });
              return `the proxy was told of node ${id}`;
            },
          })),
          ...extra.map((id) => ({
            what: `the proxy has node ${id} for "${category}", and its pool has no such node`,
            affects: 'requests fail there if the node is gone, until the proxy finds it unhealthy',
            todo: 'nothing, unless no worker runs: then "pam up"',
            repair: async () => {
              await routing.removeEndpoint(category, id);
              return `the proxy sends nothing to node ${id} any more`;
            },
          })),
        ];
      }),
    );
    return found.flat();
  },
);

/** As far as this machine can tell: of another machine's process only its worker knows. */
function serves({ ended, drainUntilMs, pid, startTicks, machine }: LocalNode): boolean {
  if (ended || drainUntilMs !== null || pid === null || startTicks === null) return false;
  return machine !== thisMachine() || isRunning({ pid, startTicks });
}
