/** The node pool over Pulumi, as workers and tests build it. */
export { createPulumiNodePool, type PulumiNodePoolOptions } from './createPulumiNodePool';
