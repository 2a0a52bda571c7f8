/** Envoy as PAM's shadow load balancer: admin interface, bootstrap, routing table. */
export { createEnvoyAdmin, type EnvoyAdmin } from './adminClient';
export { type BootstrapOptions, writeBootstrap } from './bootstrap';
export { createEnvoyRoutingTable } from './routingTable';
