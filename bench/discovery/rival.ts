/** The rival: an Envoy with one static route to one node, and nothing else. */
const managerType =
  'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';

export function staticBootstrap(adminPort: number, listenPort: number, host: string, port: number): unknown {
  const socket = (address: string, port_value: number) => ({ socket_address: { address, port_value } });
  return {
    admin: { address: socket('127.0.0.1', adminPort) },
    static_resources: {
      listeners: [
        {
          address: socket('127.0.0.1', listenPort),
          filter_chains: [
            {
              filters: [
                {
                  name: 'envoy.filters.network.http_connection_manager',
                  typed_config: {
                    '@type': managerType,
                    stat_prefix: 'rival',
                    route_config: {
                      virtual_hosts: [
                        {
                          name: 'all',
                          domains: ['*'],
                          routes: [{ match: { prefix: '/' }, route: { cluster: 'nodes' } }],
                        },
                      ],
                    },
                    http_filters: [
                      {
                        name: 'envoy.filters.http.router',
                        typed_config: {
                          '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router',
                        },
                      },
                    ],
                  },
                },
              ],
            },
          ],
        },
      ],
      clusters: [
        {
          name: 'nodes',
          type: 'STATIC',
          load_assignment: {
            cluster_name: 'nodes',
            endpoints: [{ lb_endpoints: [{ endpoint: { address: socket(host, port) } }] }],
          },
        },
      ],
    },
  };
}
