/** Envoy as PAM's shadow load balancer: admin interface, bootstrap, routing table. */
export { createEnvoyAdmin } from './adminClient';
export { writeBootstrap } from './bootstrap';
export { createEnvoyRoutingTable } from './routingTable';
