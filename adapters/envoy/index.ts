/** Envoy as PAM's shadow load balancer: admin interface, bootstrap, and routing table. */
export { createEnvoyAdmin } from './adminClient';
export { writeBootstrap } from './bootstrap';
export { createEnvoyRoutingTable } from './routingTable';
