/** The other kind of provider, nodes by number on a declared structure, passes the same contract. */
import { endProcesses } from '../../../../adapters/nodes/openNodePool';
import { createNodePool } from '../../../../adapters/nodes/pool';
import { parserOf } from '../../../../adapters/nodes/providerSettings';
import { requiredTool } from '../../../support/nodeStage';
import { nodeProviderContract } from '../contract';
import { TinyCloud } from './tinyCloud';
import { createTinyGroups, type TinyStructures } from './tinyGroups';
import { tinySettings } from './tinyProvider';

nodeProviderContract(() => {
  const cloud = new TinyCloud();
  const structures: TinyStructures = new Map();
  const parse = parserOf('tiny', tinySettings);
  return {
    name: 'tiny',
    settings: { size: 'small' },
    otherSettings: { size: 'large' },
    refused: { settings: { size: 'huge' }, field: 'tiny.size' },
    open: (options) =>
      createNodePool({
        ...options,
        providers: { tiny: { provider: createTinyGroups(cloud, structures, options.now), parse } },
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
