/**
 * Pools → Envoy’s clusters and endpoint assignments. A pool is one cluster: its own nodes first, the shared pool after
 * them. The second priority is an internal listener of the same proxy that routes to the shared pool’s cluster. So the
 * shared nodes are checked once, by their own health path, however many categories use them.
 */
import { isIP } from 'node:net';
import { type Endpoint, sharedPoolName } from '../../ports/routingTable';
import { clusterOf, sharedListener } from './statNames';

type Json = Record<string, unknown>;

export interface HealthCheckTiming {
  /** Between two checks of a healthy node, ms. */
  readonly intervalMs: number;
  /** Between two checks of a node that is booting or unhealthy, ms. */
  readonly unhealthyIntervalMs: number;
  readonly timeoutMs: number;
  /** Failed checks in a row until a node is unhealthy. */
  readonly failures: number;
}

export interface PoolEndpoints {
  readonly pool: string;
  readonly endpoints: readonly Endpoint[];
}

const defaultHealthPath = '/healthz';
const seconds = (ms: number): string => `${ms / 1_000}s`;

/** The health path of most of the pool’s nodes; the whole pool is checked by it. */
function healthPathOf(endpoints: readonly Endpoint[]): string {
  const votes = new Map<string, number>();
  for (const { healthPath } of endpoints) votes.set(healthPath, (votes.get(healthPath) ?? 0) + 1);
  return [...votes].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))[0]?.[0] ?? defaultHealthPath;
}

/** Envoy resolves named servers, so they are part of the cluster itself. Nodes with an address come through EDS. */
function isNamed({ endpoints }: PoolEndpoints): boolean {
  return endpoints.some(({ host }) => isIP(host) === 0);
}

/**
 * The shared pool behind the internal listener. It always counts as healthy here: the checks are made behind the
 * listener.
 */
const fallback: Json = {
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

function loadAssignment({ pool, endpoints }: PoolEndpoints): Json {
  return {
    cluster_name: clusterOf(pool),
    endpoints: [
      {
        priority: 0,
        lb_endpoints: [...endpoints]
          .sort((a, b) => (a.id < b.id ? -1 : 1))
          .map(({ id, host, port }) => ({
            endpoint: {
              address: { socket_address: { address: host, port_value: port } },
              ...(isIP(host) === 0 ? { hostname: host } : {}),
            },
            metadata: { filter_metadata: { pam: { node: id } } },
          })),
      },
      ...(pool === sharedPoolName ? [] : [fallback]),
    ],
    // With this factor one healthy node makes a healthy pool: the shared pool takes over only if no node is healthy.
    policy: { overprovisioning_factor: 1_000_000 },
  };
}

/** The content of a pool’s EDS file; null for named servers, which need none. */
export function endpointResources(pool: PoolEndpoints): Json[] | null {
  if (isNamed(pool)) return null;
  return [
    {
      '@type': 'type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment',
      ...loadAssignment(pool),
    },
  ];
}

/** PAM decides how much a pool takes. Envoy’s own limits (1,024) would refuse what the nodes can still queue. */
const circuitBreakers: Json = {
  thresholds: ['DEFAULT', 'HIGH'].map((priority) => ({
    priority,
    max_connections: 1_000_000,
    max_pending_requests: 1_000_000,
    max_requests: 1_000_000,
    max_retries: 1_000_000,
  })),
};

/** The cluster of a pool. `endpointsFile` is the path of its EDS file. */
export function clusterResource(pool: PoolEndpoints, timing: HealthCheckTiming, endpointsFile: string): Json {
  return {
    '@type': 'type.googleapis.com/envoy.config.cluster.v3.Cluster',
    name: clusterOf(pool.pool),
    connect_timeout: '1s',
    lb_policy: 'LEAST_REQUEST',
    common_lb_config: {
      // Never to a node that is known to be unhealthy: the next pool is better.
      healthy_panic_threshold: { value: 0 },
      ignore_new_hosts_until_first_hc: true,
      // A node that became healthy takes traffic at once, not in the next second.
      update_merge_window: '0s',
    },
    // A removed node leaves at once, although its checks still pass. Its requests in flight are finished.
    ignore_health_on_host_removal: true,
    circuit_breakers: circuitBreakers,
    health_checks: [
      {
        timeout: seconds(timing.timeoutMs),
        interval: seconds(timing.intervalMs),
        no_traffic_interval: seconds(timing.intervalMs),
        no_traffic_healthy_interval: seconds(timing.intervalMs),
        unhealthy_interval: seconds(timing.unhealthyIntervalMs),
        unhealthy_edge_interval: seconds(timing.unhealthyIntervalMs),
        healthy_edge_interval: seconds(timing.intervalMs),
        unhealthy_threshold: timing.failures,
        healthy_threshold: 1,
        http_health_check: { path: healthPathOf(pool.endpoints) },
      },
    ],
    // A node that refuses connections is taken out before its next check. Its answers never take it out: only PAM does
    // that.
    outlier_detection: {
      split_external_local_origin_errors: true,
      consecutive_local_origin_failure: 2,
      enforcing_consecutive_local_origin_failure: 100,
      enforcing_local_origin_success_rate: 0,
      enforcing_consecutive_5xx: 0,
      enforcing_consecutive_gateway_failure: 0,
      enforcing_success_rate: 0,
      base_ejection_time: '2s',
      max_ejection_percent: 100,
      interval: '1s',
    },
    typed_extension_protocol_options: {
      'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
        '@type': 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
        explicit_http_config: { http_protocol_options: {} },
        // Below the 5 s after which Node.js and others close an idle connection, so that no request meets a closing
        // one.
        common_http_protocol_options: { idle_timeout: '4s' },
      },
    },
    ...(isNamed(pool)
      ? {
          type: 'STRICT_DNS',
          dns_lookup_family: 'V4_PREFERRED',
          dns_refresh_rate: '5s',
          load_assignment: loadAssignment(pool),
        }
      : {
          type: 'EDS',
          eds_cluster_config: {
            eds_config: {
              resource_api_version: 'V3',
              path_config_source: { path: endpointsFile },
              initial_fetch_timeout: '2s',
            },
          },
        }),
  };
}
