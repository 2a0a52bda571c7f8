/** Node pools, as workers use them. */
export { openNodePool } from './openNodePool';
export { checkProviderSettings } from './providerSettings';
