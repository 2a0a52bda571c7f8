/** The running installation → lines for a shell: the Temporal CLI on the PATH, with the address of the right server. */
import { delimiter, dirname } from 'node:path';
import type { CommandModule } from 'yargs';
import { loadConfig } from '../../../config/load';
import { PamError } from '../../../core/errors';

interface EnvArguments {
  readonly config?: string;
}

// biome-ignore lint/complexity/noBannedTypes: yargs declares the options of a command that way
export const envCommand: CommandModule<{}, EnvArguments> = {
  command: 'env',
  describe: 'Print what a shell needs to use the Temporal CLI with this installation',
  builder: (options) =>
    options.example('eval "$($0 env)"', 'then: temporal workflow list; curl "$PAM_ENTRY/checkout"'),
  handler: async (argv) => {
    const [{ readInstallation }, { findTool }] = await Promise.all([
      import('../../../installation/installation.js'),
      import('../../../installation/tools/findTool.js'),
    ]);
    const { stateDir } = loadConfig({ file: argv.config });
    const installation = readInstallation(stateDir);
    if (installation === null)
      throw new PamError('UNAVAILABLE', `nothing was started from ${stateDir} yet: run "pam up" first`);
    const temporal = await findTool('temporal', (line) => process.stderr.write(`${line}\n`));
    const lines = {
      TEMPORAL_ADDRESS: installation.temporal.address,
      TEMPORAL_NAMESPACE: installation.temporal.namespace,
      PAM_ENTRY: installation.envoy.listenUrl,
      PATH: `${dirname(temporal)}${delimiter}${process.env.PATH ?? ''}`,
    };
    for (const [name, value] of Object.entries(lines))
      process.stdout.write(`export ${name}='${value.replaceAll("'", "'\\''")}'\n`);
  },
};
