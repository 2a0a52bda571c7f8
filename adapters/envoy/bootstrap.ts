/** Ports and the discovery folder → the bootstrap file that Envoy is started with, and a valid set of live files. */
import { replaceFile } from '../files/replaceFile';
import { type DiscoveryLayout, discoveryLayout, ensureLayout } from './layout';
import { defaultRenderOptions, renderClusters, renderEndpoints, renderFile, renderRoutes } from './render';
import { sharedPoolRoutes } from './routeResources';
import { ingressStat, latencyBoundsMs, routeConfiguration, sharedListener } from './statNames';

export interface SocketAddress {
  readonly host: string;
  readonly port: number;
}

export interface BootstrapOptions {
  readonly discoveryDir: string;
  /** Keep it on loopback: whoever reaches it controls the proxy. */
  readonly admin: SocketAddress;
  /** Where requests enter. */
  readonly listen: SocketAddress;
}

/** Writes `envoy.json` and the discovery files; returns the path for `envoy -c`. */
export async function writeBootstrap({ discoveryDir, admin, listen }: BootstrapOptions): Promise<string> {
  const layout = discoveryLayout(discoveryDir);
  ensureLayout(layout);
  renderEndpoints(layout);
  renderClusters(layout, defaultRenderOptions);
  renderRoutes(layout, defaultRenderOptions);
  renderFile(layout, layout.listenersFile, listeners(layout, listen));
  replaceFile(layout.bootstrapFile, `${JSON.stringify(bootstrap(layout, admin), null, 1)}\n`, {
    draftDir: layout.stagingDir,
  });
  return layout.bootstrapFile;
}

const address = ({ host, port }: SocketAddress) => ({ socket_address: { address: host, port_value: port } });

const fromFile = (layout: DiscoveryLayout, path: string) => ({
  resource_api_version: 'V3',
  path_config_source: { path, watched_directory: { path: layout.liveDir } },
});

function bootstrap(layout: DiscoveryLayout, admin: SocketAddress): unknown {
  return {
    node: { id: 'pam', cluster: 'pam' },
    admin: { address: address(admin) },
    bootstrap_extensions: [
      {
        name: 'envoy.bootstrap.internal_listener',
        typed_config: {
          '@type': 'type.googleapis.com/envoy.extensions.bootstrap.internal_listener.v3.InternalListener',
        },
      },
    ],
    dynamic_resources: {
      lds_config: fromFile(layout, layout.listenersFile),
      cds_config: fromFile(layout, layout.clustersFile),
    },
    // Histograms are merged when the collector reads them, so a bin holds only what came before its end.
    stats_flush_on_admin: true,
    stats_config: {
      histogram_bucket_settings: [{ match: { suffix: 'upstream_rq_time' }, buckets: latencyBoundsMs }],
    },
  };
}

/** A connection manager. `routes` names the source of its route configuration. */
function connectionManager(statPrefix: string, routes: Record<string, unknown>): unknown {
  return {
    name: 'envoy.filters.network.http_connection_manager',
    typed_config: {
      '@type':
        'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
      stat_prefix: statPrefix,
      ...routes,
      // The proxy stands behind the existing load balancer, so headers that name the client are kept.
      use_remote_address: false,
      http_filters: [
        {
          name: 'envoy.filters.http.router',
          typed_config: { '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router' },
        },
      ],
    },
  };
}

function listeners(layout: DiscoveryLayout, listen: SocketAddress): unknown[] {
  const type = 'type.googleapis.com/envoy.config.listener.v3.Listener';
  const requests = connectionManager(ingressStat, {
    rds: { route_config_name: routeConfiguration, config_source: fromFile(layout, layout.routesFile) },
  });
  const shared = connectionManager(sharedListener, {
    route_config: sharedPoolRoutes(defaultRenderOptions.requestTimeoutMs),
  });
  return [
    {
      '@type': type,
      name: 'requests',
      address: address(listen),
      filter_chains: [{ filters: [requests] }],
    },
    {
      '@type': type,
      name: sharedListener,
      internal_listener: {},
      filter_chains: [{ filters: [shared] }],
    },
  ];
}
