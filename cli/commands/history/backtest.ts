/** Histories of demand → what each model would have forecast, and its errors. */
import type { CommandModule } from 'yargs';
import { type HistoryArguments, withHistoryOptions, withSeed } from '../../simulate/historyOptions';
import { createProgressBar } from '../../simulate/progressBar';

interface BacktestArguments extends HistoryArguments {
  readonly trace: string[];
  readonly horizon: string;
  readonly models: string;
  readonly seed: number;
  readonly out: string | undefined;
  readonly json: boolean;
}

// biome-ignore lint/complexity/noBannedTypes: yargs declares the options of a command that way
export const backtestCommand: CommandModule<{}, BacktestArguments> = {
  command: 'backtest',
  describe: 'Forecast a history from each of its bins and measure the errors of each model',
  builder: (options) =>
    withSeed(
      withHistoryOptions(
        options.option('trace', {
          type: 'string',
          array: true,
          requiresArg: true,
          default: [] as string[],
          describe:
            'CSV of timestamp_iso,category,count, plain or gzip (repeatable); the default is the stored history',
        }),
      )
        .option('horizon', {
          type: 'string',
          requiresArg: true,
          default: '5m,15m,1d',
          describe: 'how far ahead, several with commas; at least one bin',
        })
        .option('models', {
          type: 'string',
          requiresArg: true,
          default: 'last-value,seasonal-naive,day-ahead,online-linear,boosted',
          describe: 'families with commas, or "all"; some take seconds to minutes per day of history',
        }),
    )
      .option('out', {
        type: 'string',
        requiresArg: true,
        describe: 'folder for forecasts.csv (forecasts-<trace>.csv of several) and figures.json',
      })
      .option('json', { type: 'boolean', default: false, describe: 'the figures as JSON on stdout' })
      .example(
        '$0 backtest --category checkout',
        'the default models and horizons on the stored history of a category',
      )
      .example(
        '$0 backtest --trace demand.csv.gz --horizon 5m,1d --models boosted,day-ahead --out results',
        'two models on a file, with every forecast written to the folder',
      ),
  handler: async (args) => {
    const [
      options,
      { readHistory },
      { runBacktest },
      { backtestTables },
      { readColumnMap },
      families,
      trainers,
    ] = await Promise.all([
      import('../../backtest/options.js'),
      import('../../simulate/history.js'),
      import('../../backtest/runBacktest.js'),
      import('../../backtest/summary.js'),
      import('../../../core/demand/import/columns.js'),
      import('../../../core/forecasting/families/families.js'),
      import('../../../adapters/trainer/index.js'),
    ]);
    const horizons = options.readHorizons(args.horizon);
    const models = options.readModels(args.models);
    const bar = createProgressBar(process.stderr);
    const complain = (message: string) => bar.write(`${message}\n`);
    const trainer = trainers.createTrainer({ threads: 1, notify: complain });
    try {
      const source = {
        calendars: args.calendar,
        categories: args.category,
        zone: args.zone,
        map: readColumnMap(args.map),
        config: args.config,
        complain,
      };
      const traces = args.trace.length === 0 ? [undefined] : args.trace;
      const histories = [];
      for (const trace of traces) histories.push(await readHistory({ ...source, trace }));
      const figures = await runBacktest(histories, {
        ...{ from: args.from, to: args.to, zone: args.zone, seed: args.seed, out: args.out },
        ...{ horizons, models, progress: bar.show, complain },
        familyOf: (name) =>
          families.isFittedByLibrary(name)
            ? trainers.familyInThread(name, trainer)
            : families.familyNamed(name),
        now: () => performance.now(),
      });
      bar.end();
      process.stdout.write(args.json ? `${JSON.stringify(figures)}\n` : `${backtestTables(figures)}\n`);
    } finally {
      bar.end();
      await trainer.close();
    }
  },
};
