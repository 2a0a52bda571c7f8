/** Makes the proxy agree with the provider: what it lost with its files comes back, what no one knows of goes. */
import type { ProvidedNode } from '../../../ports/nodeProvider';
import type { Endpoint, RoutingTable } from '../../../ports/routingTable';

/** What the proxy should know of a node; null while that is not known. */
export const endpointOf = ({ id, endpoint }: ProvidedNode): Endpoint | null =>
  endpoint === null ? null : { id, ...endpoint };

export interface EndpointChanges {
  readonly missing: readonly Endpoint[];
  /** Ids. */
  readonly surplus: readonly string[];
}

/**
 * @param known what the proxy knew before the provider was asked: a node is listed before the proxy knows it, so what the
 * proxy knew and the list lacks is gone.
 */
export function endpointChanges(
  known: readonly Endpoint[],
  listed: readonly ProvidedNode[],
): EndpointChanges {
  const ids = new Set(listed.map(({ id }) => id));
  return {
    missing: listed
      .flatMap((node) => endpointOf(node) ?? [])
      .filter(
        ({ id, host, port }) =>
          !known.some((endpoint) => endpoint.id === id && endpoint.host === host && endpoint.port === port),
      ),
    surplus: known.flatMap(({ id }) => (ids.has(id) ? [] : [id])),
  };
}

/** Call it only while holding the pool: another worker may be about to drain what is missing. */
export async function confirmEndpoints(
  category: string,
  routing: RoutingTable,
  list: () => Promise<readonly ProvidedNode[]>,
): Promise<void> {
  const known = await routing.endpoints(category);
  const { missing, surplus } = endpointChanges(known, await list());
  for (const endpoint of missing) await routing.putEndpoint(category, endpoint);
  for (const id of surplus) await routing.removeEndpoint(category, id);
}
