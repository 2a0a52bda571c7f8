/** `pam demo`: the whole of PAM on one machine, on a generated workload or on traces. The exit code is the verdict. */
import type { CommandModule } from 'yargs';
import { demoLeadBins } from '../../../simulation/workload/demoInput';

interface DemoCommandArguments {
  readonly config?: string;
  readonly trace: string[] | undefined;
  readonly calendar: string[] | undefined;
  readonly from: string[] | undefined;
  readonly minutes: number;
  readonly bin: string;
  readonly lead: number;
  readonly risk: number;
  readonly 'peak-rate': number;
  readonly seed: number;
  readonly 'compare-calendar': boolean;
  readonly keep: boolean;
  readonly plain: boolean;
  readonly json: string | undefined;
  readonly show: 'regime-change' | undefined;
}

// biome-ignore lint/complexity/noBannedTypes: yargs declares the options of a command that way
export const demoCommand: CommandModule<{}, DemoCommandArguments> = {
  command: 'demo',
  describe: 'Play a workload through the whole system and evaluate the outcome',
  builder: (options) =>
    options
      .option('trace', {
        type: 'string',
        array: true,
        requiresArg: true,
        describe:
          'NAME=FILE, a category’s trace (timestamp_iso,category,count); the default is a generated workload',
      })
      .option('calendar', {
        type: 'string',
        array: true,
        requiresArg: true,
        describe: 'NAME=FILE.ics or NAME=URL, events of that category; a feed over HTTP announces them',
      })
      .option('compare-calendar', {
        type: 'boolean',
        default: false,
        describe: 'play each trace that has a calendar a second time at its side, without the calendar',
      })
      .option('from', {
        type: 'string',
        array: true,
        requiresArg: true,
        describe: 'NAME=TIME or one TIME for all: start of the window; the default is the steepest ramp',
      })
      .option('minutes', { type: 'number', default: 75, describe: 'minutes of trace to play and evaluate' })
      .option('bin', { type: 'string', default: '3s', describe: 'real time that one bin of a trace takes' })
      .option('lead', {
        type: 'number',
        default: demoLeadBins,
        describe: 'lead time in bins, from an order to a node that takes traffic; nodes boot accordingly',
      })
      .option('risk', { type: 'number', default: 0.01, describe: 'accepted risk of every category' })
      .option('peak-rate', {
        type: 'number',
        default: 55,
        describe: 'requests per second that each trace’s peak is scaled to',
      })
      .option('seed', {
        type: 'number',
        default: 1,
        describe: 'seed of the generated workload and of the arrivals',
      })
      .option('keep', { type: 'boolean', default: false, describe: 'leave the installation running' })
      .option('plain', {
        type: 'boolean',
        default: false,
        describe: 'do not redraw; print a block every 15 s',
      })
      .option('json', { type: 'string', requiresArg: true, describe: 'file to write the numbers to' })
      .option('show', {
        choices: ['regime-change'] as const,
        describe: 'another play: a category is added in the middle, another one changes; twelve minutes',
      })
      .example('$0 demo', 'a generated workload of three categories, about five minutes')
      .example(
        '$0 demo --trace shop=shop.csv.gz --calendar shop=sales.ics --from shop=2026-03-02T08:00Z',
        'a trace of your own',
      )
      .example('$0 demo --show regime-change', 'demand changes permanently: PAM finds it and learns it')
      .epilogue(
        'docs/demo.md explains the summary. Exit codes: 0 the run did its job, 1 it did not, 130 interrupted.',
      ),
  handler: async (argv) => {
    const { loadConfig, configFile } = await import('../../../config/load.js');
    const { demoOptions } = await import('../../demo/workload/options.js');
    const { runDemo } = await import('../../demo/runDemo.js');
    const interruption = new AbortController();
    const interrupt = () => {
      if (interruption.signal.aborted) return;
      process.stderr.write('\npam demo: stopping, which takes some seconds\n');
      interruption.abort(new Error('interrupted'));
    };
    process.on('SIGINT', interrupt);
    process.on('SIGTERM', interrupt);
    try {
      if (argv.show === 'regime-change') {
        const { showRegimeChange } = await import('../../demo/showRegimeChange.js');
        const missing = await showRegimeChange({
          config: loadConfig({ file: argv.config }),
          configFile: configFile(argv.config),
          keep: argv.keep,
          seed: argv.seed,
          signal: interruption.signal,
          report: (line) => process.stderr.write(`pam demo: ${line}\n`),
          now: () => Date.now(),
        });
        for (const line of missing) process.stdout.write(`missing: ${line}\n`);
        if (missing.length > 0) process.exitCode = 1;
        return;
      }
      const result = await runDemo({
        options: demoOptions({
          ...argv,
          compareCalendar: argv['compare-calendar'],
          peakRate: argv['peak-rate'],
        }),
        config: loadConfig({ file: argv.config }),
        configFile: configFile(argv.config),
        keep: argv.keep,
        plain: argv.plain,
        jsonFile: argv.json ?? null,
        signal: interruption.signal,
        report: (line) => process.stderr.write(`pam demo: ${line}\n`),
        now: () => Date.now(),
      });
      if (result.shortcomings.length > 0) process.exitCode = 1;
    } catch (error) {
      if (!interruption.signal.aborted) throw error;
      process.exitCode = 130;
    } finally {
      process.off('SIGINT', interrupt);
      process.off('SIGTERM', interrupt);
    }
  },
};
