/**
 * The ledger, the nodes that exist, the stacks and the endpoints of the proxy, compared: every difference in words, and its
 * repair. A look changes nothing; a repair is made by whoever holds the pool and gives up no node.
 */
import { isDeepStrictEqual } from 'node:util';
import type { NodeProvider, PoolFinding, ProvidedNode } from '../../../ports/nodeProvider';
import type { Endpoint } from '../../../ports/routingTable';
import type { LedgerRecord } from '../../../ports/stores/nodes/poolLedger';
import { leftUnfinished, type PoolWorld, recover } from './changePool';
import { confirmEndpoints, endpointChanges } from './confirmEndpoints';
import type { PoolLeases } from './poolLease';
import type { PoolTroubles } from './poolTrouble';
import { stateFaults } from './stacks/stackFile';
import { projectName } from './stacks/stackWorkspaces';

export interface PoolDifference extends PoolFinding {
  /** What differs from what should be. */
  readonly part: 'ledger' | 'nodes' | 'stack' | 'routes';
}

export interface PoolViews {
  readonly record: LedgerRecord;
  readonly listed: readonly ProvidedNode[];
  readonly endpoints: readonly Endpoint[];
}

/** A change that lasts longer than this was interrupted, ms; a shorter one may be under way. */
const underWayMs = 300_000;

const named = (ids: readonly string[]): string => [...ids].sort().join(', ');

/** What one pool's ledger, nodes and endpoints say of each other. Pure. */
export function poolDifferences({ record, listed, endpoints }: PoolViews, nowMs: number): PoolDifference[] {
  const { category, phase, nodes, sinceMs } = record;
  const found: PoolDifference[] = [];
  const add = (part: PoolDifference['part'], id: string | null, what: string): void =>
    void found.push({ category, id, part, what });
  if (phase === 'updating') {
    if (nowMs - sinceMs < underWayMs) return [];
    add('ledger', null, 'a change was begun and did not end; the next one recovers it');
  }
  for (const { id, presence } of listed) {
    if (presence === 'ended') add('nodes', id, `node ${id} has ended; the next change replaces it`);
    else if (!nodes.includes(id)) add('ledger', id, `node ${id} exists and the ledger does not know it`);
  }
  for (const id of nodes)
    if (!listed.some((node) => node.id === id))
      add('nodes', id, `node ${id} stands in the ledger and does not exist`);
  const { missing, surplus } = endpointChanges(
    endpoints,
    listed.filter(({ presence }) => presence !== 'ended'),
  );
  if (missing.length > 0)
    add('routes', null, `the proxy does not know of ${named(missing.map(({ id }) => id))}`);
  if (surplus.length > 0) add('routes', null, `the proxy has nodes that do not exist: ${named(surplus)}`);
  return found;
}

export interface PoolSurveyor {
  /** Every difference of one category or all. */
  survey(category?: string): Promise<PoolDifference[]>;
  /** Mends what can be mended without making or giving up nodes; the next reconcile does the rest. @returns what was done. */
  repair(category: string): Promise<string[]>;
}

export function createPoolSurveyor(
  world: PoolWorld,
  providers: Readonly<Record<string, NodeProvider>>,
  leases: PoolLeases,
  mended: PoolTroubles['mended'],
): PoolSurveyor {
  const { ledger, routing, workspaces, now } = world;
  const placeOf = (stack: string) => ({ backendUrl: workspaces.backendUrl, project: projectName, stack });

  return {
    async survey(category) {
      const found: PoolDifference[] = [];
      for (const provider of Object.values(providers)) {
        const differences = (await provider.differences?.(category)) ?? [];
        found.push(...differences.map((difference) => ({ ...difference, part: 'nodes' as const })));
      }
      const records = (await ledger.list()).filter(
        (record) => category === undefined || record.category === category,
      );
      for (const record of records) {
        const name = record.category;
        const endpoints = await routing.endpoints(name);
        const listed = (await providers[record.provider]?.list(name)) ?? [];
        const later = await ledger.get(name);
        // It was changed while it was looked at.
        if (!isDeepStrictEqual(later, record)) continue;
        found.push(...poolDifferences({ record, listed, endpoints }, now()));
        const faults = record.hasStack === false ? [] : stateFaults(placeOf(name));
        found.push(...faults.map((what) => ({ category: name, id: null, part: 'stack' as const, what })));
      }
      return found;
    },

    repair: (category) =>
      leases.hold(category, undefined, async (held) => {
        const done: string[] = [];
        const say = async (what: string): Promise<void> => {
          done.push(what);
          await mended([{ category, what }]);
        };
        const record = await ledger.get(category);
        for (const provider of Object.values(providers))
          for (const { what } of (await provider.find?.(category)) ?? []) await say(what);
        if (record === null) return done;
        const provider = providers[record.provider];
        if (record.hasStack !== false && stateFaults(placeOf(category)).length > 0) {
          // Opening the stack mends its file.
          await recover(world, category, undefined, held);
          done.push("Pulumi's state of its nodes was mended");
        } else if (leftUnfinished(world, record, category)) {
          await recover(world, category, undefined, held);
          await say('what an interrupted change had left of Pulumi was put in order');
        }
        if (record.rule !== null) await routing.putRule(record.rule);
        if (provider !== undefined) {
          const before = await routing.endpoints(category);
          await confirmEndpoints(category, routing, () => provider.list(category));
          const after = await routing.endpoints(category);
          if (!isDeepStrictEqual(before, after)) await say('the proxy was told of the nodes that exist');
        }
        return done;
      }),
  };
}
