/**
 * Addresses → the bootstrap that Envoy is started with. All that it routes comes from discovery; the bootstrap says where
 * that is, where requests enter, and what is counted.
 */
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { replaceFile } from '../files/replaceFile';
import { downstream } from './resources/limits';
import { latencyBoundsMs, neededStats } from './statNames';

export interface SocketAddress {
  readonly host: string;
  readonly port: number;
}

/** Files with which the proxy shows who it is, and knows discovery. */
export interface TlsFiles {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

export interface BootstrapOptions {
  /** Where discovery listens: `unix:/path` or `host:port`. */
  readonly discovery: string;
  /** Absent: plain, as on a socket of this machine. */
  readonly tls?: TlsFiles;
  /** Keep it on loopback. It can be asked, and changes nothing: `allow_paths`. */
  readonly admin: SocketAddress;
  /** Where requests enter. */
  readonly listen: SocketAddress;
  /** How the proxy calls itself; absent: as its machine. No two proxies may be called alike. */
  readonly id?: string;
  /** Paths of the admin interface beside those that are read. */
  readonly adminPaths?: readonly string[];
}

/** Paths of the admin interface that PAM and people read; the others could end or drain the proxy. */
const readPaths = ['/ready', '/stats', '/clusters', '/config_dump', '/server_info', '/certs', '/memory'];

const maxHeapBytes = 2 * 1024 ** 3;

/** Writes it; returns the absolute path for `envoy -c`. */
export function writeBootstrap(file: string, options: BootstrapOptions): string {
  replaceFile(resolve(file), `${JSON.stringify(bootstrap(options), null, 1)}\n`);
  return resolve(file);
}

const socket = ({ host, port }: SocketAddress) => ({ socket_address: { address: host, port_value: port } });
const type = (name: string) => `type.googleapis.com/${name}`;

export function bootstrap({ discovery, tls, admin, listen, id, adminPaths = [] }: BootstrapOptions): unknown {
  return {
    node: {
      id: id ?? hostname(),
      cluster: 'pam',
      metadata: { listen_host: listen.host, listen_port: listen.port },
    },
    admin: {
      address: socket(admin),
      allow_paths: [...readPaths, ...adminPaths].map((path) => ({
        safe_regex: { regex: `${path.replace(/[.]/g, '\\.')}(\\?.*)?` },
      })),
    },
    bootstrap_extensions: [
      {
        name: 'envoy.bootstrap.internal_listener',
        typed_config: {
          '@type': type('envoy.extensions.bootstrap.internal_listener.v3.InternalListener'),
        },
      },
    ],
    dynamic_resources: {
      lds_config: { resource_api_version: 'V3', ads: {}, initial_fetch_timeout: '0s' },
      cds_config: { resource_api_version: 'V3', ads: {}, initial_fetch_timeout: '0s' },
      ads_config: {
        api_type: 'DELTA_GRPC',
        transport_api_version: 'V3',
        set_node_on_first_message_only: true,
        grpc_services: [
          {
            envoy_grpc: {
              cluster_name: 'discovery',
              retry_policy: { retry_back_off: { base_interval: '0.1s', max_interval: '1s' } },
            },
          },
        ],
      },
    },
    static_resources: { clusters: [discoveryCluster(discovery, tls)] },
    overload_manager: overloadManager,
    // What the first round of health checks took is given back to the system.
    memory_allocator_manager: { bytes_to_release: 16 * 1024 ** 2, memory_release_interval: '1s' },
    // Histograms are merged when the collector reads them, so a bin holds only what came before its end.
    stats_flush_on_admin: true,
    stats_config: {
      // A thousand clusters with all of their counters would be most of the memory, and of each look.
      stats_matcher: {
        inclusion_list: { patterns: neededStats.map((regex) => ({ safe_regex: { regex } })) },
      },
      histogram_bucket_settings: [{ match: { suffix: 'upstream_rq_time' }, buckets: latencyBoundsMs }],
    },
  };
}

function discoveryCluster(discovery: string, tls: TlsFiles | undefined): unknown {
  const path = discovery.startsWith('unix:') ? discovery.slice('unix:'.length) : null;
  const [, host = '', port = ''] = /^\[?([^\]]+)\]?:(\d+)$/.exec(discovery) ?? [];
  return {
    name: 'discovery',
    type: path === null ? 'STRICT_DNS' : 'STATIC',
    connect_timeout: '1s',
    load_assignment: {
      cluster_name: 'discovery',
      endpoints: [
        {
          lb_endpoints: [
            {
              endpoint: {
                address: path === null ? socket({ host, port: Number(port) }) : { pipe: { path } },
              },
            },
          ],
        },
      ],
    },
    typed_extension_protocol_options: {
      'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
        '@type': type('envoy.extensions.upstreams.http.v3.HttpProtocolOptions'),
        explicit_http_config: {
          // A discovery process that hangs is left, and asked for anew.
          http2_protocol_options: { connection_keepalive: { interval: '10s', timeout: '30s' } },
        },
      },
    },
    ...(tls === undefined ? {} : { transport_socket: transportSocket(tls, host) }),
  };
}

function transportSocket({ ca, cert, key }: TlsFiles, host: string): unknown {
  return {
    name: 'envoy.transport_sockets.tls',
    typed_config: {
      '@type': type('envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext'),
      sni: host,
      common_tls_context: {
        tls_params: { tls_minimum_protocol_version: 'TLSv1_2' },
        alpn_protocols: ['h2'],
        tls_certificates: [
          { certificate_chain: { filename: resolve(cert) }, private_key: { filename: resolve(key) } },
        ],
        validation_context: {
          trusted_ca: { filename: resolve(ca) },
          match_typed_subject_alt_names: [
            { san_type: /^[\d.]+$|:/.test(host) ? 'IP_ADDRESS' : 'DNS', matcher: { exact: host } },
          ],
        },
      },
    },
  };
}

/** Above these the proxy refuses what is new and finishes what it has. */
const overloadManager = {
  refresh_interval: '0.25s',
  resource_monitors: [
    {
      name: 'envoy.resource_monitors.global_downstream_max_connections',
      typed_config: {
        '@type': type(
          'envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig',
        ),
        max_active_downstream_connections: downstream.maxConnections,
      },
    },
    {
      name: 'envoy.resource_monitors.fixed_heap',
      typed_config: {
        '@type': type('envoy.extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig'),
        max_heap_size_bytes: maxHeapBytes,
      },
    },
  ],
  actions: [
    {
      name: 'envoy.overload_actions.shrink_heap',
      triggers: [{ name: 'envoy.resource_monitors.fixed_heap', threshold: { value: 0.9 } }],
    },
    {
      name: 'envoy.overload_actions.stop_accepting_requests',
      triggers: [{ name: 'envoy.resource_monitors.fixed_heap', threshold: { value: 0.95 } }],
    },
  ],
};
