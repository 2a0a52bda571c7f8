/** The configuration → nothing that `pam up` started runs any more. */
import type { CommandModule } from 'yargs';
import { loadConfig } from '../../../config/load';

interface DownArguments {
  readonly config?: string;
  readonly purge: boolean;
}

// biome-ignore lint/complexity/noBannedTypes: yargs declares the options of a command that way
export const downCommand: CommandModule<{}, DownArguments> = {
  command: 'down',
  describe: 'Stop everything that `pam up` started, nodes included',
  builder: (options) =>
    options
      .option('purge', {
        type: 'boolean',
        default: false,
        describe: 'also delete the state folder: data, workflows, logs',
      })
      .example('$0 down', 'workflows and data are kept and continue with the next `pam up`'),
  handler: async (argv) => {
    const { stopInstallation } = await import('../../../installation/stopInstallation.js');
    const { stateDir } = loadConfig({ file: argv.config });
    const ended = await stopInstallation(stateDir, (line) => process.stderr.write(`${line}\n`), {
      purge: argv.purge,
    });
    process.stdout.write(ended === 0 ? 'nothing was running\n' : `stopped ${ended} processes\n`);
  },
};
