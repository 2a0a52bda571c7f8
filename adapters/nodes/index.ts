/** Node pools, as workers use them. */
export { openNodePool } from './openNodePool';
export { checkProviderSettings, refusedNodeSettings } from './providerSettings';
