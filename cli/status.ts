/** The configuration enters; what runs where leaves. Exit code 0 when all is up, 69 when something is down. */
import type { CommandModule } from 'yargs';
import { loadConfig } from '../config/load';
import { statusTable } from './statusTable';

interface StatusArguments {
  readonly config?: string;
  readonly json: boolean;
}

// biome-ignore lint/complexity/noBannedTypes: yargs declares the options of a command that way
export const statusCommand: CommandModule<{}, StatusArguments> = {
  command: 'status',
  describe: 'Tell what runs where; exit code 69 when something is down',
  builder: (options) =>
    options
      .option('json', { type: 'boolean', default: false, describe: 'print JSON' })
      .example('$0 status --json', 'for scripts'),
  handler: async (argv) => {
    const { describeInstallation } = await import('../infra/embedded/describeInstallation.js');
    const description = await describeInstallation(loadConfig({ file: argv.config }).stateDir);
    process.stdout.write(argv.json ? `${JSON.stringify(description, null, 2)}\n` : statusTable(description));
    if (!description.up) process.exitCode = 69;
  },
};
