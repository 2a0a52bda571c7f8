/** What the global set-up finds and starts enters the environment of the tests; a variable that is set already stays. */
import { findTool } from '../../installation/tools/findTool';
import { type ToolName, toolSpecifications } from '../../installation/tools/specification';
import type { TestServers } from './testServers';

export const report = (line: string) => process.stderr.write(`[test servers] ${line}\n`);

export function put(servers: TestServers, variable: string, value: string): void {
  process.env[variable] = value;
  servers.variables.push(variable);
}

export async function putTools(servers: TestServers, names: readonly ToolName[]): Promise<void> {
  for (const name of names) {
    const { variable } = toolSpecifications[name];
    if (!process.env[variable]) put(servers, variable, await findTool(name, report));
  }
}
