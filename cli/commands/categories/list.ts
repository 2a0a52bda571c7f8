/** The running installation → a line for every category. */
import type { CommandModule } from 'yargs';
import { readPast } from '../../options/readPast';
import { linesText } from '../../text/lines';

interface ListArguments {
  readonly config?: string;
  readonly closed: string;
  readonly json: boolean;
}

// biome-ignore lint/complexity/noBannedTypes: yargs declares the options of a command that way
export const listCommand: CommandModule<{}, ListArguments> = {
  command: 'list',
  describe: 'List every category: mode, the four counts, demand, accuracy, last decision',
  builder: (options) =>
    options
      .option('closed', {
        type: 'string',
        requiresArg: true,
        default: '1d',
        describe: 'also categories that ended within this time, such as 12h; 0: none',
      })
      .option('json', { type: 'boolean', default: false, describe: 'print a JSON array' })
      .example(
        '$0 list',
        'all categories; REQUIRED: the arithmetic asks for them, PLANNED: decided, PROVISIONED: exist, ROUTABLE: take traffic',
      )
      .example('$0 list --json --closed 0', 'for scripts, only those that run')
      .epilogue(
        'ACTUAL: the last measured bin. PREDICTED: the median at the first horizon. PEAK≤: the quantile at 1 − risk of the peak over the lead window. All three are requests per bin. ERROR: the absolute error of the forecasts ÷ that of the last value. COVERED: the share of peaks within their quantile. Both are of the last day.\n\nExit codes: 0 listed (a category whose worker is down is listed as "no answer"), 69 Temporal does not answer.',
      ),
  handler: async (argv) => {
    const nowMs = Date.now();
    const closedMs = argv.closed === '0' ? 0 : readPast('--closed', argv.closed);
    const { withTemporal } = await import('../../connect/withTemporal.js');
    const { withStoresIfThere } = await import('../../connect/withStores.js');
    const { standings } = await import('../../category/standings.js');
    const { standingsTable } = await import('../../category/standingsTable.js');
    const rows = await withTemporal(argv.config, ({ client }) =>
      withStoresIfThere(
        argv.config,
        (why) => process.stderr.write(`${why}\n`),
        (database) => standings(client, database, nowMs - closedMs, nowMs),
      ),
    );
    process.stdout.write(
      argv.json
        ? `${JSON.stringify(rows, null, 2)}\n`
        : linesText(standingsTable(rows, Date.now(), process.stdout.columns ?? 240)),
    );
  },
};
