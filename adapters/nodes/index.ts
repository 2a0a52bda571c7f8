/** Node pools, as workers, the command line and the activities use them. */
export { type OpenNodePoolOptions, openNodePool } from './openNodePool';
export { checkProviderSettings, providerIssues, withProviderDefaults } from './providerSettings';
