import { openNodePool } from '../../../../adapters/nodes';
import { processesWithEnvironment } from '../../../../adapters/nodes/local/processIdentity';
import { stopAllNodes } from '../../../../adapters/nodes/local/stopAllNodes';
import { nodeStage, requiredTool } from '../../../support/nodeStage';
import { nodeProviderContract } from '../contract';

nodeProviderContract((database) => {
  const stage = nodeStage();
  const { builtInNode } = stage;
  const folders = new Set<string>();
  const env = { PAM_SERVICE_HEADER_MS: '10000' };
  const settings = { bootTime: '1ms', env };
  return {
    name: 'local',
    settings,
    otherSettings: { ...settings, env: { ...env, GREETING: 'hello' } },
    refused: { settings: { command: [] }, field: 'local.command' },
    open(options) {
      folders.add(options.stateDir);
      return openNodePool({ ...options, builtInNode, pulumiBinary: requiredTool('PAM_PULUMI') });
    },
    running: async (category) =>
      [...folders].flatMap((folder) =>
        processesWithEnvironment({ PAM_STATE: folder, PAM_CATEGORY: category }, 'PAM_NODE_ID'),
      ).length,
    async hang(category, id) {
      const node = await database().localNodes.get(category, id);
      process.kill(node!.pid!, 'SIGSTOP');
    },
    async close() {
      for (const folder of folders) await stopAllNodes(folder, () => undefined);
      await stage.close();
    },
  };
});
