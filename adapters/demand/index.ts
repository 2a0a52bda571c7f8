/** Where the counts of categories come from: the sources, and the collector that stores what they measure. */
export { createCollector } from './collector';
export { createDemandSources } from './registry';
