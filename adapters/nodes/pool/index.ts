/** The node pool over Pulumi, for any set of node providers. */
export { createNodePool, type NodePoolOptions, type ProviderInUse } from './createNodePool';
