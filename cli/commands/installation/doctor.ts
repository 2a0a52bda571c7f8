/** The installation → every difference between what is and what should be, in words; with --repair, less of them. */
import type { CommandModule } from 'yargs';
import { configFile, loadConfig } from '../../../config/load';

interface DoctorArguments {
  readonly config?: string;
  readonly repair: boolean;
  readonly json: boolean;
}

// biome-ignore lint/complexity/noBannedTypes: yargs declares the options of a command that way
export const doctorCommand: CommandModule<{}, DoctorArguments> = {
  command: 'doctor',
  describe: 'Compare workflows, ledger, stacks, nodes, routes and rows, and say every difference',
  builder: (options) =>
    options
      .option('repair', {
        type: 'boolean',
        default: false,
        describe: 'mend what can be mended without taking away a node that serves, or data',
      })
      .option('json', { type: 'boolean', default: false, describe: 'print JSON' })
      .example('$0 doctor', 'what is wrong, what it affects, what to do')
      .example('$0 doctor --repair', 'mend what can be mended, and say what was done')
      .epilogue(
        'What is found is looked at twice, some seconds apart, so that a change under way is no difference.\n\nExit codes: 0 nothing is wrong (or all of it was repaired), 1 differences are left, 2 something could not be looked at.',
      ),
  handler: async (argv) => {
    const { examine } = await import('../../doctor/examine.js');
    const { examinationCode, examinationText } = await import('../../doctor/examinationText.js');
    const { checks } = await import('../../doctor/checks/index.js');
    const { withDoctorWorld } = await import('../../doctor/withDoctorWorld.js');
    const { startInstallation } = await import('../../../installation/startInstallation.js');
    const { leaveSoon } = await import('../../connect/leaveSoon.js');
    const config = loadConfig({ file: argv.config });
    const start = (report: (line: string) => void) =>
      startInstallation(config, report, { configFile: configFile(argv.config) });
    const examination = await withDoctorWorld(config, start, (world) =>
      examine(world, checks, { repair: argv.repair, againMs: 4_000 }),
    );
    process.stdout.write(
      argv.json
        ? `${JSON.stringify(examination, null, 2)}\n`
        : `${examinationText(examination).join('\n')}\n`,
    );
    process.exitCode = examinationCode(examination);
    leaveSoon();
  },
};
