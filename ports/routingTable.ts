/** The proxy's view of who serves a category: rules and endpoints in, health out. Envoy implements it. */
import type { RoutingRule } from '../core/routing/rule';

/** The pool that takes unmatched requests and those of categories without a healthy node. */
export const sharedPoolName = 'shared';

export interface Endpoint {
  /** The node's id. */
  readonly id: string;
  readonly host: string;
  readonly port: number;
  readonly healthPath: string;
}

export type EndpointHealth = 'healthy' | 'unhealthy' | 'pending';

export interface RoutingTable {
  /**
   * In place when the promise resolves: every connected proxy has taken it, or there is none, and one that comes gets it.
   * Idempotent. As each change, throws PamError UNAVAILABLE if nobody is there to tell the proxy or it does not answer (it is
   * noted and taken later), REJECTED if the proxy refuses it (it goes on with what it had).
   */
  putRule(rule: RoutingRule): Promise<void>;
  removeRule(category: string): Promise<void>;
  /** `pool` is a category or `sharedPoolName`. The proxy health-checks the endpoint before it sends it requests. */
  putEndpoint(pool: string, endpoint: Endpoint): Promise<void>;
  /** Resolves when the proxy sends no new requests there; those in flight go on. Unknown ids are fine. */
  removeEndpoint(pool: string, endpointId: string): Promise<void>;
  endpoints(pool: string): Promise<Endpoint[]>;
  /** Health of each endpoint by id, as the proxy sees it now. Throws PamError UNAVAILABLE when it does not answer. */
  health(pool: string): Promise<ReadonlyMap<string, EndpointHealth>>;
}
