/** What is declared to the proxy is what the ledger says, and the proxy has taken it. */
import { isDeepStrictEqual } from 'node:util';
import { serves } from '../../../installation/localMachine';
import type { RoutingTable } from '../../../ports/routingTable';
import type { LedgerRecord } from '../../../ports/stores/nodes/poolLedger';
import type { DiscoveryStatus } from '../../../ports/stores/routing/routingStore';
import { check, type Difference } from '../check';

export const routes = check(
  'routes',
  'rules and endpoints that the proxy is told of with the pools',
  ['database', 'routing'],
  async ({ database, routing }) => {
    const [ledger, rows, declared] = await Promise.all([
      database.ledger.list(),
      database.localNodes.list(),
      database.routes.status(),
    ]);
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
    return [...rulesOf(ledger, declared, routing), ...found.flat()];
  },
);

function rulesOf(
  ledger: readonly LedgerRecord[],
  { pools, discoveries }: DiscoveryStatus,
  routing: RoutingTable,
): Difference[] {
  const lost = ledger.flatMap(({ category, phase, rule }): Difference[] => {
    const there = pools.find(({ pool }) => pool === category)?.match ?? null;
    if (phase !== 'applied' || rule === null || isDeepStrictEqual(there, rule.match)) return [];
    return [
      {
        what: `the rule of "${category}" is ${there === null ? 'not declared' : 'declared otherwise'} to the proxy`,
        affects: 'its requests go to the shared pool, or others to its nodes; the next tick puts it in place',
        todo: 'nothing, unless no worker runs: then "pam up"',
        repair: async () => {
          await routing.putRule(rule);
          return `the rule of "${category}" was declared again`;
        },
      },
    ];
  });
  const left = pools
    .filter(({ pool, match }) => match !== null && !ledger.some(({ category }) => category === pool))
    .map(
      ({ pool }): Difference => ({
        what: `the proxy has a rule for "${pool}", which has no pool`,
        affects: 'its requests go to the shared pool, and no other category can have this rule',
        todo: `start category "${pool}" again, or let it be removed`,
        repair: async () => {
          await routing.removeRule(pool);
          return `the rule of "${pool}" was removed`;
        },
      }),
    );
  const refused = pools.flatMap(({ pool, refused: refusal }): Difference[] =>
    refusal === null
      ? []
      : [
          {
            what: `the proxy refuses what is declared for "${pool}": ${refusal.reason}`,
            affects: 'it goes on with what it took before, so new nodes of this category get nothing',
            todo: 'correct the setting that the reason names',
            repair: null,
          },
        ],
  );
  const asked = discoveries.some(({ live, proxies }) => live && proxies.length > 0);
  const waiting = pools.filter(({ taken, refused: refusal }) => asked && !taken && refusal === null);
  const late = waiting.map(
    ({ pool }): Difference => ({
      what: `the proxy has not taken what is declared for "${pool}"`,
      affects: 'it goes on with what it took before',
      todo: 'look at the logs of discovery and of the proxy',
      repair: null,
    }),
  );
  return [...lost, ...left, ...refused, ...late];
}
