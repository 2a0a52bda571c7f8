/** Envoy as PAM's shadow load balancer: admin interface, bootstrap, routing table, and the discovery that feeds it. */
export { createEnvoyAdmin } from './adminClient';
export { bootstrap, type TlsFiles, writeBootstrap } from './bootstrap';
export { type Discovery, runDiscovery } from './discovery/runDiscovery';
export { createEnvoyRoutingTable } from './routingTable';
