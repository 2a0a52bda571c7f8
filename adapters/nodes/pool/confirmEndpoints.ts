/** Makes the proxy agree with the registry: what it lost with its files comes back, what no one knows of goes. */

import type { RoutingTable } from '../../../ports/routingTable';
import { announce } from '../local/localHandlers';
import { listNodes } from '../local/nodeRecord';

export async function confirmEndpoints(
  stateDir: string,
  category: string,
  routing: RoutingTable,
): Promise<void> {
  const serving = listNodes(stateDir, category).filter((node) => node.drainUntilMs === null);
  const known = await routing.endpoints(category);
  for (const node of serving)
    if (!known.some(({ id, port, host }) => id === node.id && port === node.port && host === node.host))
      await announce(routing, node);
  for (const endpoint of known)
    if (!serving.some((node) => node.id === endpoint.id)) await routing.removeEndpoint(category, endpoint.id);
}
