/** The outside tools that PAM uses → their versions and where they were found. */
import type { CommandModule } from 'yargs';
import { table } from '../../text/table';

interface ToolsArguments {
  readonly install: boolean;
  readonly json: boolean;
}

// biome-ignore lint/complexity/noBannedTypes: yargs declares the options of a command that way
export const toolsCommand: CommandModule<{}, ToolsArguments> = {
  command: 'tools',
  describe: 'List the outside tools, their versions and where they were found',
  builder: (options) =>
    options
      .option('install', { type: 'boolean', default: false, describe: 'obtain missing tools' })
      .option('json', { type: 'boolean', default: false, describe: 'print JSON' })
      .example('$0 tools', 'the version and place of every tool; what is missing')
      .example('$0 tools --install', 'obtain everything before going offline'),
  handler: async (argv) => {
    const { findTool, locateTool } = await import('../../../installation/tools/findTool.js');
    const { toolNames, toolSpecifications } = await import('../../../installation/tools/specification.js');
    const { findTensorflow, locateTensorflow, tensorflow } = await import(
      '../../../installation/tools/tensorflow.js'
    );
    const report = (line: string) => process.stderr.write(`${line}\n`);
    const rows = [];
    for (const name of toolNames) {
      if (argv.install) await findTool(name, report);
      rows.push(rowOf(toolSpecifications[name], await locateTool(name, report)));
    }
    // PAM runs without this one, so its absence is a warning and no failure.
    if (argv.install)
      await findTensorflow(report).catch((error: Error) => report(`warning: ${error.message}`));
    const optional = rowOf(tensorflow, locateTensorflow());
    print([...rows, optional], argv.json);
    if (rows.some(({ path }) => path === null)) process.exitCode = 69;
  },
};

interface Row {
  readonly tool: string;
  readonly version: string | null;
  readonly from: string | null;
  readonly path: string | null;
  readonly pinned: string;
  readonly variable: string;
  readonly purpose: string;
}

function rowOf(
  tool: { name: string; purpose: string; variable: string; version: string },
  found: { path: string; from: string; version: string | null } | null,
): Row {
  return {
    tool: tool.name,
    version: found?.version ?? null,
    from: found?.from ?? null,
    path: found?.path ?? null,
    pinned: tool.version,
    variable: tool.variable,
    purpose: tool.purpose,
  };
}

function print(rows: readonly Row[], asJson: boolean): void {
  if (asJson) {
    process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
    return;
  }
  const cells = rows.map((row) => [
    row.tool,
    row.version ?? (row.path ? '?' : '-'),
    row.from ?? 'missing',
    row.path ?? `set ${row.variable} or run pam tools --install`,
  ]);
  const lines = table([['TOOL', 'VERSION', 'FOUND BY', 'PATH'], ...cells], Number.POSITIVE_INFINITY);
  process.stdout.write(`${lines.join('\n')}\n`);
}
