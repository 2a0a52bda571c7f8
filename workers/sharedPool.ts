/**
 * The pool that takes unmatched requests and those of categories without a healthy node: the servers named in the
 * configuration, else local nodes. One worker at a time looks after it, so that a dead node is replaced.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Config } from '../config/schema';
import { categoryInput } from '../core/category/settings';
import type { NodePool } from '../ports/nodePool';
import { type RoutingTable, sharedPoolName } from '../ports/routingTable';
import type { LedTask } from './leadership';

const lookEveryMs = 10_000;

export interface SharedPoolOptions {
  readonly config: Pick<Config, 'sharedPool'>;
  readonly pool: Pick<NodePool, 'reconcile'>;
  readonly routing: Pick<RoutingTable, 'endpoints' | 'putEndpoint' | 'removeEndpoint'>;
  readonly logger: Pick<Logger, 'warn'>;
}

/**
 * The task to lead, and a promise that resolves once this worker has put the pool in place or another leads, and rejects if
 * the first attempt of this worker fails.
 */
export function sharedPoolTask(options: SharedPoolOptions): LedTask & { readonly inPlace: Promise<void> } {
  let resolve: () => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  // Only the first outcome counts.
  const inPlace = new Promise<void>((...outcomes) => {
    [resolve, reject] = outcomes;
  });
  return {
    name: 'shared pool',
    inPlace,
    onFollowing: resolve,
    run: async (signal) => {
      while (!signal.aborted) {
        await placeSharedPool(options, signal).then(resolve, (error: unknown) => {
          if (signal.aborted) return;
          reject(error);
          options.logger.warn(error, 'the shared pool could not be looked after; trying again');
        });
        await sleep(lookEveryMs, undefined, { signal }).catch(() => undefined);
      }
    },
  };
}

async function placeSharedPool(
  { config: { sharedPool }, pool, routing }: SharedPoolOptions,
  signal: AbortSignal,
): Promise<void> {
  if (sharedPool.endpoints.length === 0) {
    const { node, nodes } = categoryInput.parse({ name: 'template', match: { pathPrefix: '/' } });
    await pool.reconcile(
      {
        category: sharedPoolName,
        nodes: sharedPool.nodes,
        rule: null,
        provider: nodes.provider,
        template: node,
        settings: {},
        createdBy: 'shared pool',
      },
      { signal },
    );
    return;
  }
  const wanted = new Map(sharedPool.endpoints.map((address) => [`shared-${address}`, address]));
  const surplus = (await routing.endpoints(sharedPoolName)).filter(({ id }) => !wanted.has(id));
  // One server that can't be put there keeps no other from serving.
  const failures: unknown[] = [];
  const alone = async (work: Promise<void>): Promise<void> => {
    await work.catch((error: unknown) => failures.push(error));
  };
  for (const [id, address] of wanted) {
    signal.throwIfAborted();
    const [host = '', port = ''] = address.split(':');
    const endpoint = { id, host, port: Number(port), healthPath: sharedPool.healthPath };
    await alone(routing.putEndpoint(sharedPoolName, endpoint));
  }
  for (const { id } of surplus) await alone(routing.removeEndpoint(sharedPoolName, id));
  if (failures.length > 0) throw failures[0];
}
