/** Demand as Envoy counts it: the collector that stores bins, the monitor that looks between two of them. */
export { type Collector, createCollector } from './collector';
export { createEnvoyMonitor } from './monitor';
