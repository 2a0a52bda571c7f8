/**
 * Pools → Envoy’s clusters and endpoint assignments. A pool is one cluster: its own nodes first, the shared pool after
 * them. The second priority is an internal listener of the same proxy that routes to the shared pool’s cluster. So the
 * shared nodes are checked once, by their own health path, however many categories use them.
 */
import { isIP } from 'node:net';
import { type Endpoint, sharedPoolName } from '../../../ports/routingTable';
import { clusterOf, sharedListener } from '../statNames';
import { any, type Message, ms, wrap } from '../xds/messages';
import type { HealthTiming } from './healthTiming';
import { category as categoryLimits, type PoolLimits, shared as sharedLimits } from './limits';

export interface PoolEndpoints {
  readonly pool: string;
  readonly endpoints: readonly Endpoint[];
}

export const clusterType = 'envoy.config.cluster.v3.Cluster';
export const assignmentType = 'envoy.config.endpoint.v3.ClusterLoadAssignment';

const defaultHealthPath = '/healthz';

/** The health path of most of the pool’s nodes; the whole pool is checked by it. */
function healthPathOf(endpoints: readonly Endpoint[]): string {
  const votes = new Map<string, number>();
  for (const { healthPath } of endpoints) votes.set(healthPath, (votes.get(healthPath) ?? 0) + 1);
  const path = [...votes].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))[0]?.[0] ?? defaultHealthPath;
  // What is written was checked; a row that was written by hand must not make the proxy refuse the pool.
  return path.replace(/[^\x21-\x7e]/g, encodeURIComponent);
}

/** Envoy resolves named servers, so they are part of the cluster itself. Nodes with an address come through EDS. */
export function isNamed({ endpoints }: PoolEndpoints): boolean {
  return endpoints.some(({ host }) => isIP(host) === 0);
}

/**
 * The shared pool behind the internal listener. It always counts as healthy here: the checks are made behind the
 * listener.
 */
const fallback: Message = {
  priority: 1,
  lb_endpoints: [
    {
      endpoint: {
        address: { envoy_internal_address: { server_listener_name: sharedListener } },
        health_check_config: { disable_active_health_check: true },
      },
    },
  ],
};

export function assignment({ pool, endpoints }: PoolEndpoints): Message {
  return {
    cluster_name: clusterOf(pool),
    endpoints: [
      {
        priority: 0,
        lb_endpoints: [...endpoints]
          .sort((a, b) => (a.id < b.id ? -1 : 1))
          .map(({ host, port }) => ({
            endpoint: {
              address: { socket_address: { address: host, port_value: port } },
              ...(isIP(host) === 0 ? { hostname: host } : {}),
            },
          })),
      },
      ...(pool === sharedPoolName ? [] : [fallback]),
    ],
    // With this factor one healthy node makes a healthy pool: the shared pool takes over only if no node is healthy.
    policy: { overprovisioning_factor: wrap(1_000_000) },
  };
}

const breakers = (limits: PoolLimits): Message => ({
  thresholds: ['DEFAULT', 'HIGH'].map((priority) => ({
    priority,
    max_connections: wrap(limits.maxConnections),
    max_pending_requests: wrap(limits.maxPending),
    max_requests: wrap(limits.maxRequests),
    max_retries: wrap(limits.maxRetries),
  })),
  per_host_thresholds: [{ max_connections: wrap(limits.maxConnectionsPerNode) }],
});

/**
 * A node that refuses connections is taken out before its next check; one that answers errors only, although its check
 * passes, as well. It comes back by itself: PAM decides whether it is replaced.
 */
const outlierDetection: Message = {
  interval: ms(1_000),
  base_ejection_time: ms(3_000),
  max_ejection_time: ms(10_000),
  max_ejection_time_jitter: ms(0),
  max_ejection_percent: wrap(100),
  // The check of a node that answers errors passes.
  successful_active_health_check_uneject_host: wrap(false),
  split_external_local_origin_errors: true,
  consecutive_local_origin_failure: wrap(2),
  enforcing_consecutive_local_origin_failure: wrap(100),
  enforcing_local_origin_success_rate: wrap(0),
  consecutive_5xx: wrap(5),
  enforcing_consecutive_5xx: wrap(100),
  enforcing_consecutive_gateway_failure: wrap(0),
  enforcing_success_rate: wrap(0),
};

const upstreamHttp = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';

export function cluster(pool: PoolEndpoints, timing: HealthTiming): Message {
  return {
    name: clusterOf(pool.pool),
    connect_timeout: ms(1_000),
    lb_policy: 'LEAST_REQUEST',
    common_lb_config: {
      // Never to a node that is known to be unhealthy: the next pool is better.
      healthy_panic_threshold: { value: 0 },
      ignore_new_hosts_until_first_hc: true,
      // A node that became healthy takes traffic at once, not in the next second.
      update_merge_window: ms(0),
    },
    // A removed node leaves at once, although its checks still pass. Its requests in flight are finished.
    ignore_health_on_host_removal: true,
    circuit_breakers: breakers(pool.pool === sharedPoolName ? sharedLimits : categoryLimits),
    health_checks: [
      {
        timeout: ms(timing.timeoutMs),
        interval: ms(timing.intervalMs),
        // A pool without traffic so far is checked by these two.
        no_traffic_interval: ms(timing.unhealthyIntervalMs),
        no_traffic_healthy_interval: ms(timing.intervalMs),
        unhealthy_interval: ms(timing.unhealthyIntervalMs),
        unhealthy_edge_interval: ms(timing.unhealthyIntervalMs),
        healthy_edge_interval: ms(timing.intervalMs),
        unhealthy_threshold: wrap(timing.failures),
        healthy_threshold: wrap(1),
        http_health_check: { path: healthPathOf(pool.endpoints) },
        // A connection kept for each node's checks would be most of the proxy's memory.
        reuse_connection: wrap(false),
      },
    ],
    outlier_detection: outlierDetection,
    typed_extension_protocol_options: {
      [upstreamHttp]: any(upstreamHttp, {
        explicit_http_config: { http_protocol_options: {} },
        // Below the 5 s after which Node.js and others close an idle connection, so that no request meets a closing
        // one.
        common_http_protocol_options: { idle_timeout: ms(4_000) },
      }),
    },
    ...(isNamed(pool)
      ? {
          type: 'STRICT_DNS',
          dns_lookup_family: 'V4_PREFERRED',
          dns_refresh_rate: ms(5_000),
          load_assignment: assignment(pool),
        }
      : {
          type: 'EDS',
          eds_cluster_config: {
            eds_config: { resource_api_version: 'V3', ads: {}, initial_fetch_timeout: ms(60_000) },
          },
        }),
  };
}
