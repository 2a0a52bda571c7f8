/** Envoy as PAM's shadow load balancer: bootstrap, routing table, collector, monitor. */
export { createEnvoyAdmin, type EnvoyAdmin } from './adminClient';
export { type BootstrapOptions, writeBootstrap } from './bootstrap';
export { type Collector, createCollector } from './collector';
export { createEnvoyMonitor } from './monitor';
export { createEnvoyRoutingTable } from './routingTable';
