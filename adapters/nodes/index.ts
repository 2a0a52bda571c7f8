/** Node pools, as workers use them. */
export { type OpenNodePoolOptions, openNodePool } from './openNodePool';
export { checkProviderSettings } from './providerSettings';
