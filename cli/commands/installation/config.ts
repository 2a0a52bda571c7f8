/** The configuration file and the environment → the settings in effect, without secrets. */
import type { CommandModule } from 'yargs';
import { configFile, loadConfig } from '../../../config/load';
import { policyOf } from '../../../config/policy';
import { redact } from '../../../core/text/redact';

interface ConfigArguments {
  readonly config?: string;
  readonly json: boolean;
}

// biome-ignore lint/complexity/noBannedTypes: yargs declares the options of a command that way
export const configCommand: CommandModule<{}, ConfigArguments> = {
  command: 'config',
  describe: 'Print the settings and the policy in effect: file, environment and defaults',
  builder: (options) =>
    options
      .option('json', { type: 'boolean', default: false, describe: 'print JSON instead of YAML' })
      .example('$0 config', 'the settings in effect; durations in milliseconds, passwords hidden')
      .example('PAM_LOG_LEVEL=debug $0 config --json', 'an environment variable overrides the file'),
  handler: async (argv) => {
    const config = loadConfig({ file: argv.config });
    const settings = redact({ ...config, policy: policyOf(config) });
    if (argv.json) {
      process.stdout.write(`${JSON.stringify(settings, null, 2)}\n`);
      return;
    }
    const { stringify } = await import('yaml');
    const file = configFile(argv.config);
    process.stdout.write(`# ${file ?? 'no configuration file'}, environment variables and defaults\n`);
    process.stdout.write(stringify(settings));
  },
};
