/** Envoy as PAM's shadow load balancer: admin interface, bootstrap, routing table, and the discovery that feeds it. */
export { createEnvoyAdmin } from './adminClient';
export { writeBootstrap } from './bootstrap';
export { createEnvoyRoutingTable } from './routingTable';
