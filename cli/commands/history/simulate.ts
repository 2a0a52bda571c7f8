/** A history of demand → what PAM and its rivals would have done with it, and the scorecard. */
import type { CommandModule } from 'yargs';
import { type HistoryArguments, withHistoryOptions, withSeed } from '../../simulate/historyOptions';
import { createProgressBar } from '../../simulate/progressBar';

interface SimulateArguments extends HistoryArguments {
  readonly trace: string | undefined;
  readonly lead: string;
  readonly capacity: string;
  readonly risk: string;
  readonly policy: string[];
  readonly family: string;
  readonly hold: string;
  readonly seed: number;
  readonly out: string | undefined;
  readonly json: boolean;
}

// biome-ignore lint/complexity/noBannedTypes: yargs declares the options of a command that way
export const simulateCommand: CommandModule<{}, SimulateArguments> = {
  command: 'simulate',
  describe: 'Replay a history of demand: what PAM and its rivals would have allocated',
  builder: (options) =>
    withSeed(
      withHistoryOptions(
        options.option('trace', {
          type: 'string',
          requiresArg: true,
          describe:
            'CSV of timestamp_iso,category,count, plain or gzip; an absent row is missing data; the default is the stored history',
        }),
      )
        .option('lead', {
          type: 'string',
          requiresArg: true,
          default: '5m',
          describe: 'lead time: from ordering a node to it taking traffic',
        })
        .option('capacity', {
          type: 'string',
          requiresArg: true,
          default: 'auto',
          describe:
            'requests that a node serves in a bin; auto: the 99.9th percentile of the evaluated counts needs 40 nodes',
        })
        .option('risk', {
          type: 'string',
          requiresArg: true,
          default: '0.01',
          describe: 'accepted risk of PAM; several with commas give its frontier',
        })
        .option('policy', {
          type: 'string',
          array: true,
          requiresArg: true,
          default: [] as string[],
          describe:
            'only this policy: pam, reactive, scheduled, last-value, seasonal-naive, moving-peak, foresight, static-peak',
        })
        .option('family', {
          type: 'string',
          requiresArg: true,
          default: 'boosted',
          describe: 'model family that PAM fits',
        })
        .option('hold', {
          type: 'string',
          requiresArg: true,
          default: 'auto',
          describe:
            'PAM gives nodes up only if fewer were required for at least this long; auto: chosen daily from its decisions; 0: at once',
        }),
    )
      .option('out', {
        type: 'string',
        requiresArg: true,
        describe:
          'folder for decisions-<policy>-<knob>.csv, forecasts-pam.csv and scorecard.json, for pam report',
      })
      .option('json', { type: 'boolean', default: false, describe: 'the scorecard as JSON on stdout' })
      .example(
        '$0 simulate --from 2026-11-01 --out results',
        'what PAM would have done with the stored history; then: pam report results',
      )
      .example(
        '$0 simulate --trace demand.csv.gz --risk 0.1,0.03,0.01,0.003 --out results',
        'a file, at four accepted risks',
      ),
  handler: async (args) => {
    const [options, { readHistory }, { runSimulate }, { summaryTable }, { readColumnMap }] =
      await Promise.all([
        import('../../simulate/options.js'),
        import('../../simulate/history.js'),
        import('../../simulate/runSimulate.js'),
        import('../../simulate/summary.js'),
        import('../../../core/demand/import/columns.js'),
      ]);
    const leadMs = options.readDuration('--lead', args.lead);
    const holdMs = options.readHold(args.hold);
    const risks = options.readRisks(args.risk);
    const capacity = options.readCapacity(args.capacity);
    const bar = createProgressBar(process.stderr);
    const complain = (message: string) => bar.write(`${message}\n`);
    try {
      const history = await readHistory({
        trace: args.trace,
        calendars: args.calendar,
        categories: args.category,
        zone: args.zone,
        map: readColumnMap(args.map),
        config: args.config,
        complain,
      });
      const scorecard = await runSimulate(history, {
        ...{ from: args.from, to: args.to, zone: args.zone, family: args.family, seed: args.seed },
        ...{
          leadMs,
          holdMs,
          capacity,
          risks,
          policies: args.policy.flatMap((names) => names.split(',')),
          out: args.out,
        },
        calendars: args.calendar,
        progress: bar.show,
        complain,
      });
      bar.end();
      process.stdout.write(args.json ? `${JSON.stringify(scorecard)}\n` : `${summaryTable(scorecard)}\n`);
    } finally {
      bar.end();
    }
  },
};
