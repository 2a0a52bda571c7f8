/** The configuration → a running installation. */
import type { CommandModule } from 'yargs';
import { configFile, loadConfig } from '../../../config/load';
import { statusTable } from '../../status/statusTable';

interface UpArguments {
  readonly config?: string;
  readonly json: boolean;
  readonly watch: boolean;
}

// biome-ignore lint/complexity/noBannedTypes: yargs declares the options of a command that way
export const upCommand: CommandModule<{}, UpArguments> = {
  command: 'up',
  describe: 'Start Temporal, PostgreSQL, Envoy and the workers on this machine',
  builder: (options) =>
    options
      .option('json', { type: 'boolean', default: false, describe: 'print the result as JSON' })
      .option('watch', {
        type: 'boolean',
        default: false,
        describe: 'stay, and start again what dies or hangs; Ctrl-C ends the watching and stops nothing',
      })
      .example('$0 up --watch', 'what deploy/systemd/pam.service runs; "$0 down" stops all of it')
      .example('$0 up', 'start what does not run yet; also after a crash')
      .example(
        'TEMPORAL_ADDRESS=host:7233 $0 up',
        'use an existing Temporal; likewise with DATABASE_URL and ENVOY_ADMIN_URL',
      ),
  handler: async (argv) => {
    const { describeInstallation } = await import('../../../installation/describeInstallation.js');
    const { startInstallation } = await import('../../../installation/startInstallation.js');
    const config = loadConfig({ file: argv.config });
    const interrupt = new AbortController();
    const abort = () => interrupt.abort(new Error('interrupted'));
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, abort);
    const report = (line: string) => process.stderr.write(`${line}\n`);
    const options = { configFile: configFile(argv.config), signal: interrupt.signal };
    try {
      await startInstallation(config, report, options);
      if (argv.watch) {
        const { watchInstallation } = await import('../../../installation/watchInstallation.js');
        report('watching: what dies or hangs is started again; Ctrl-C ends that and stops nothing');
        const end = await watchInstallation(config, report, options);
        report(
          end === 'stopped' ? '"pam down" has stopped it' : 'all is left running; stop it with: pam down',
        );
        return;
      }
    } catch (error) {
      if (!interrupt.signal.aborted) throw error;
      process.stderr.write('interrupted\n');
      process.exitCode = 130;
      return;
    } finally {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, abort);
    }
    const description = await describeInstallation(config.stateDir);
    process.stdout.write(
      argv.json
        ? `${JSON.stringify(description, null, 2)}\n`
        : `${statusTable(description)}\nstop it with: pam down\n`,
    );
  },
};
