/** The outside programs are there, in a version that PAM can use. */
import { findTool, locateTool } from '../../../installation/tools/findTool';
import { toolSpecifications } from '../../../installation/tools/specification';
import { check, type Difference } from '../check';

/** What an installation runs; the test server is only for tests. */
const needed = ['temporal', 'envoy', 'postgres', 'pulumi'] as const;

export const tools = check('tools', 'the programs that PAM runs with the versions it needs', [], async () => {
  const found = await Promise.all(
    needed.map(async (name): Promise<Difference[]> => {
      const notes: string[] = [];
      // A variable that names no tool is thrown.
      const tool = await locateTool(name, (line) => notes.push(line)).catch((error: Error) => {
        notes.push(error.message);
        return null;
      });
      if (tool !== null) return [];
      const { version } = toolSpecifications[name];
      return [
        {
          what: `${name} ${version} is not there${notes.length === 0 ? '' : ` (${notes.join('; ')})`}`,
          affects: 'what runs goes on; the next start fails or has to obtain it',
          todo: 'run "pam tools --install"',
          repair: async () => `${name}: ${await findTool(name, () => undefined)}`,
        },
      ];
    }),
  );
  return found.flat();
});
