/** Where requests enter a proxy → its listeners: the entry with its limits, and the inner one before the shared pool. */
import { ingressStat, routeConfiguration, sharedListener } from '../statNames';
import { extension, type Message, ms, wrap } from '../xds/messages';
import { downstream } from './limits';
import { sharedPoolRoutes } from './routeTable';

export const listenerType = 'envoy.config.listener.v3.Listener';
const managerType = 'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';

export interface SocketAddress {
  readonly host: string;
  readonly port: number;
}

export const socket = ({ host, port }: SocketAddress): Message => ({
  socket_address: { address: host, port_value: port },
});

function connectionManager(settings: Message): Message {
  return extension('envoy.filters.network.http_connection_manager', managerType, {
    ...settings,
    // The proxy stands behind the existing load balancer, so headers that name the client are kept.
    use_remote_address: wrap(false),
    http_filters: [extension('envoy.filters.http.router', 'envoy.extensions.filters.http.router.v3.Router')],
  });
}

/** Two spellings of one path must not be two categories, nor pass a rule that a node relies on. */
const onePathOneSpelling: Message = {
  normalize_path: wrap(true),
  merge_slashes: true,
  path_with_escaped_slashes_action: 'REJECT_REQUEST',
};

const limits: Message = {
  common_http_protocol_options: {
    idle_timeout: ms(downstream.idleTimeoutMs),
    max_connection_duration: ms(downstream.maxConnectionMs),
    max_headers_count: wrap(downstream.maxHeaders),
  },
  // Says so with an answer, and closes none on which a request may be coming.
  http1_safe_max_connection_duration: true,
  max_request_headers_kb: wrap(downstream.maxHeadersKb),
  request_headers_timeout: ms(downstream.requestHeadersTimeoutMs),
  request_timeout: ms(downstream.requestTimeoutMs),
  stream_idle_timeout: ms(downstream.streamIdleTimeoutMs),
};

export function listeners(entry: SocketAddress): Message[] {
  const requests = connectionManager({
    stat_prefix: ingressStat,
    rds: {
      route_config_name: routeConfiguration,
      // Until the routes are there the entry stays closed, however long that takes: it would answer 404 to everything.
      config_source: { resource_api_version: 'V3', ads: {}, initial_fetch_timeout: ms(0) },
    },
    ...onePathOneSpelling,
    ...limits,
  });
  return [
    {
      name: 'requests',
      address: socket(entry),
      per_connection_buffer_limit_bytes: wrap(downstream.bufferBytes),
      filter_chains: [{ filters: [requests] }],
    },
    {
      name: sharedListener,
      internal_listener: {},
      filter_chains: [
        { filters: [connectionManager({ stat_prefix: sharedListener, route_config: sharedPoolRoutes() })] },
      ],
    },
  ];
}
