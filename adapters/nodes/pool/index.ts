/** The node pool over Pulumi, for any set of node providers. */
export {
  createNodePool,
  type NodePoolOptions,
  type OpenNodePool,
  type PoolStanding,
  type ProviderInUse,
} from './createNodePool';
