/**
 * The pool that takes unmatched requests and those of categories without a healthy node: the servers named in the
 * configuration, else local nodes. Looked after for as long as the worker lives, so that a dead node is replaced.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Config } from '../config/schema';
import { categoryInput } from '../core/category/settings';
import type { NodePool } from '../ports/nodePool';
import { type RoutingTable, sharedPoolName } from '../ports/routingTable';

const lookEveryMs = 10_000;

/** Puts the pool in place once; throws when that fails. */
export async function placeSharedPool(
  { sharedPool }: Pick<Config, 'sharedPool'>,
  pool: NodePool,
  routing: RoutingTable,
): Promise<void> {
  if (sharedPool.endpoints.length === 0) {
    const { node, nodes } = categoryInput.parse({ name: 'template', match: { pathPrefix: '/' } });
    await pool.reconcile({
      category: sharedPoolName,
      nodes: sharedPool.nodes,
      rule: null,
      provider: nodes.provider,
      template: node,
      settings: {},
      createdBy: 'shared pool',
    });
    return;
  }
  const wanted = new Map(sharedPool.endpoints.map((address) => [`shared-${address}`, address]));
  for (const { id } of await routing.endpoints(sharedPoolName))
    if (!wanted.has(id)) await routing.removeEndpoint(sharedPoolName, id);
  for (const [id, address] of wanted) {
    const [host = '', port = ''] = address.split(':');
    await routing.putEndpoint(sharedPoolName, {
      id,
      host,
      port: Number(port),
      healthPath: sharedPool.healthPath,
    });
  }
}

/** Looks after the pool until `signal` aborts; a failure is logged and tried again. */
export async function keepSharedPool(
  config: Pick<Config, 'sharedPool'>,
  pool: NodePool,
  routing: RoutingTable,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await sleep(lookEveryMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    await placeSharedPool(config, pool, routing).catch((error: unknown) =>
      logger.warn(error, 'the shared pool could not be looked after; trying again'),
    );
  }
}
