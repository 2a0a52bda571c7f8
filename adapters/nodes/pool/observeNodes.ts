/** The nodes of a category as they are: the provider says which exist, the proxy which of them take traffic. */
import type { Now } from '../../../ports/clock';
import type { NodeState, PoolNode, PoolObservation } from '../../../ports/nodePool';
import type { ProvidedNode } from '../../../ports/nodeProvider';
import type { EndpointHealth, RoutingTable } from '../../../ports/routingTable';

/** After its boot time a node that was never healthy still counts as booting for this long, ms. */
const bootGraceMs = 30_000;

/** `dead`: it does not count and is replaced. */
export type PresentState = NodeState | 'dead';

export interface NodeObserver {
  /** Of nodes as the provider lists them, those that count. Throws UNAVAILABLE when the proxy does not answer. */
  observe(category: string, listed: readonly ProvidedNode[]): Promise<PoolObservation>;
  /** State of each node by id. Throws UNAVAILABLE when the proxy does not answer. */
  states(category: string, listed: readonly ProvidedNode[]): Promise<Map<string, PresentState>>;
}

export function createNodeObserver(routing: Pick<RoutingTable, 'health'>, now: Now): NodeObserver {
  /** Nodes that took traffic once: when they are not healthy now, they are unhealthy, not booting. */
  const wasRoutable = new Map<string, Set<string>>();
  const onceRoutable = (category: string): Set<string> => {
    const known = wasRoutable.get(category) ?? new Set<string>();
    wasRoutable.set(category, known);
    return known;
  };

  const stateOf = (
    category: string,
    node: ProvidedNode,
    health: EndpointHealth | undefined,
  ): PresentState => {
    if (node.presence === 'ended') return 'dead';
    const state = node.state ?? (health === 'healthy' ? 'routable' : null);
    if (state === 'routable') {
      onceRoutable(category).add(node.id);
      return 'routable';
    }
    if (node.presence === 'unknown') return 'dead';
    if (state !== null) return state;
    if (onceRoutable(category).has(node.id)) return 'unhealthy';
    return now() - node.createdMs < node.bootTimeMs + bootGraceMs ? 'booting' : 'unhealthy';
  };

  const states: NodeObserver['states'] = async (category, listed) => {
    const asked = listed.some(({ presence, state }) => presence !== 'ended' && state === undefined);
    const health = asked ? await routing.health(category) : new Map<string, EndpointHealth>();
    return new Map(listed.map((node) => [node.id, stateOf(category, node, health.get(node.id))]));
  };

  return {
    states,
    async observe(category, listed) {
      const found = await states(category, listed);
      const nodes = listed.flatMap((node): PoolNode[] => {
        const state = found.get(node.id) ?? 'booting';
        if (state === 'dead') return [];
        const { id, createdMs, expiresMs, tags, endpoint } = node;
        const address = { host: endpoint?.host ?? '', port: endpoint?.port ?? 0 };
        return [{ id, address, state, createdMs, expiresMs, tags }];
      });
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
