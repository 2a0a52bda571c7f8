/** The nodes of a category as they are: the registry says which exist, the proxy which of them take traffic. */

import type { Now } from '../../../ports/clock';
import { nodeTags } from '../../../ports/nodeOrder';
import type { NodeState, PoolNode, PoolObservation } from '../../../ports/nodePool';
import type { EndpointHealth, RoutingTable } from '../../../ports/routingTable';
import { listNodes, type NodeRecord } from '../local/nodeRecord';
import { nodeRuns } from '../local/stopNode';

/** After its boot time a node that was never healthy still counts as booting for this long, ms. */
const bootGraceMs = 30_000;

export interface NodeObserver {
  observe(category: string): Promise<PoolObservation>;
  /** State of each node of `nodes` by id. Throws UNAVAILABLE when the proxy does not answer. */
  states(category: string, nodes: readonly NodeRecord[]): Promise<Map<string, NodeState>>;
}

export function createNodeObserver(stateDir: string, routing: RoutingTable, now: Now): NodeObserver {
  /** Nodes that took traffic once: when they are not healthy now, they are unhealthy, not booting. */
  const wasRoutable = new Map<string, Set<string>>();
  const onceRoutable = (category: string): Set<string> => {
    const known = wasRoutable.get(category) ?? new Set<string>();
    wasRoutable.set(category, known);
    return known;
  };

  const stateOf = (node: NodeRecord, health: EndpointHealth | undefined): NodeState => {
    if (health === 'healthy') {
      onceRoutable(node.category).add(node.id);
      return 'routable';
    }
    if (onceRoutable(node.category).has(node.id)) return 'unhealthy';
    return now() - node.createdMs < node.template.bootTimeMs + bootGraceMs ? 'booting' : 'unhealthy';
  };

  const states = async (category: string, nodes: readonly NodeRecord[]): Promise<Map<string, NodeState>> => {
    const health = nodes.length === 0 ? new Map<string, EndpointHealth>() : await routing.health(category);
    return new Map(nodes.map((node) => [node.id, stateOf(node, health.get(node.id))]));
  };

  return {
    states,
    async observe(category) {
      // Draining nodes take no new requests and are on their way out: they are not the pool's any more.
      const alive = listNodes(stateDir, category).filter(
        (node) => node.drainUntilMs === null && nodeRuns(node),
      );
      const found = await states(category, alive);
      const nodes = alive.map(
        (node): PoolNode => ({
          id: node.id,
          address: { host: node.host, port: node.port },
          state: found.get(node.id) ?? 'booting',
          createdMs: node.createdMs,
          expiresMs: node.expiresMs,
          tags: nodeTags(node),
        }),
      );
      const present = new Set(nodes.map((node) => node.id));
      const known = onceRoutable(category);
      for (const id of known) if (!present.has(id)) known.delete(id);
      return {
        nodes,
        provisioned: nodes.length,
        routable: nodes.filter((node) => node.state === 'routable').length,
      };
    },
  };
}
