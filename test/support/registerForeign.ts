/**
 * Registers resources of a type in a stack, as whoever reaches the engine of a running command can, and prints how the
 * command ended. `node -r compileTypeScript.js registerForeign.ts STATE_DIR PULUMI TYPE`
 */
import { CustomResource } from '@pulumi/pulumi';
import { createStackWorkspaces } from '../../adapters/nodes/pool/stacks/stackWorkspaces';

class Foreign extends CustomResource {}

async function main([stateDir = '', pulumiBinary = '', type = '']: string[]): Promise<void> {
  // The program's own complaints; how the command ends is what counts.
  process.on('unhandledRejection', () => undefined);
  const workspaces = await createStackWorkspaces({ stateDir, pulumiBinary, providerPort: 1 });
  const stack = await workspaces.open('checkout');
  const program = async () => void new Foreign(type, 'thing', {});
  const outcome = await stack.up({ program, color: 'never' }).catch((error: Error) => error.message);
  console.log(typeof outcome === 'string' ? outcome : 'it worked');
  process.exit(0);
}

void main(process.argv.slice(2));
