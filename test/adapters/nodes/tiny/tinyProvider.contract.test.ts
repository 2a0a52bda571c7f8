/** The recipe followed: the tiny provider passes the contract of all providers, and is made of what the recipe says. */
import { endProcesses } from '../../../../adapters/nodes/openNodePool';
import { createNodePool } from '../../../../adapters/nodes/pool';
import { parserOf } from '../../../../adapters/nodes/providerSettings';
import { requiredTool } from '../../../support/nodeStage';
import { nodeProviderContract } from '../contract';
import { TinyCloud } from './tinyCloud';
import { createTinyProvider, tinySettings } from './tinyProvider';

nodeProviderContract(() => {
  const cloud = new TinyCloud();
  const parse = parserOf('tiny', tinySettings);
  return {
    name: 'tiny',
    settings: { size: 'small' },
    otherSettings: { size: 'large' },
    refused: { settings: { region: 'mars' }, field: 'tiny.region' },
    open: (options) =>
      createNodePool({
        ...options,
        providers: { tiny: { provider: createTinyProvider(cloud, options.now), parse } },
        pulumiBinary: requiredTool('PAM_PULUMI'),
        endProcesses,
      }),
    running: async (category) => cloud.of(category).length,
    async hang(_category, id) {
      cloud.servers.get(id)!.healthy = false;
    },
    async close() {
      for (const server of cloud.servers.values()) cloud.end(server);
    },
  };
});
