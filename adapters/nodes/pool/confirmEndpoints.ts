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
 * @param list asked after the proxy: a node is on the list before the proxy knows it, so what the proxy knew and the list
 * lacks is gone.
 */
export async function endpointChanges(
  category: string,
  routing: Pick<RoutingTable, 'endpoints'>,
  list: () => Promise<readonly ProvidedNode[]>,
): Promise<EndpointChanges> {
  const known = await routing.endpoints(category);
  const listed = await list();
  const serving = listed.flatMap((node) => endpointOf(node) ?? []);
  const ids = new Set(listed.map(({ id }) => id));
  return {
    missing: serving.filter(
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
  { missing, surplus }: EndpointChanges,
): Promise<void> {
  for (const endpoint of missing) await routing.putEndpoint(category, endpoint);
  for (const id of surplus) await routing.removeEndpoint(category, id);
}
