/** Files of historical requests → bins of their categories in the database, and a report. */
import type { CommandModule } from 'yargs';
import { loadConfig } from '../../../config/load';
import { readColumnMap } from '../../../core/demand/import/columns';
import { PamError } from '../../../core/errors';
import { trainingDays } from '../../../core/forecasting/trainingWindow';
import { duration } from '../../../core/time/duration';
import { durationInWords } from '../../../core/time/durationWords';
import { instantText } from '../../../core/time/instantText';
import { wallClock } from '../../../core/time/wallClock';
import { findDatabase } from '../../connect/databaseUrl';
import { readCategoryOptions } from '../../import/categoryOptions';
import type { ImportResult } from '../../import/runImport';
import { linesText } from '../../text/lines';

interface ImportArguments {
  readonly config?: string;
  readonly files: string[];
  readonly category: string[];
  readonly format: 'auto' | 'csv' | 'ndjson';
  readonly bin: string | undefined;
  readonly zone: string | undefined;
  readonly ambiguous: 'reject' | 'earlier' | 'later';
  readonly source: string;
  readonly map: string;
  readonly silence: string;
  readonly strict: boolean;
  readonly 'dry-run': boolean;
  readonly json: boolean;
}

const explanation = `Files have one of two shapes; the header decides which:
  one request a row   timestamp, type[, resource_ms|resource_s][, source][, latency_ms][, status]
  counts              timestamp, category, count[, resource_ms|resource_s][, source]
resource_ms is how long a node was busy with the requests of the row.
Timestamps are ISO 8601 (with a zone, or --zone says which), or numbers in a column
timestamp_s or timestamp_ms.

Importing a file again replaces the same bins and changes nothing else.
Rows of one bin are summed: in request logs over all files of the import, in counts
within a file. Of two files with counts the later one replaces the bins of the earlier.
Import logs of several servers together, or give each its --source.

In counts an absent bin is missing, not zero. In request logs a bin without a request is
zero while the log was being written: from its first to its last row, except where the
whole log is silent for longer than --silence.`;

// biome-ignore lint/complexity/noBannedTypes: yargs declares the options of a command that way
export const importCommand: CommandModule<{}, ImportArguments> = {
  command: 'import <files..>',
  describe: 'Load historical requests from CSV or NDJSON, plain or gzip',
  builder: (options) =>
    options
      .positional('files', {
        type: 'string',
        array: true,
        demandOption: true,
        describe: 'files; - is standard input',
      })
      .option('category', {
        type: 'string',
        array: true,
        requiresArg: true,
        nargs: 1,
        default: [] as string[],
        describe: 'NAME of all rows, or NAME-IN-FILE=NAME (repeatable)',
      })
      .option('format', {
        choices: ['auto', 'csv', 'ndjson'] as const,
        default: 'auto' as const,
        describe: 'format of the files; auto: recognized by their content',
      })
      .option('bin', {
        type: 'string',
        requiresArg: true,
        describe: 'width of the bins; the default is 1m for requests, and that of the file for counts',
      })
      .option('zone', {
        type: 'string',
        requiresArg: true,
        describe: 'zone of timestamps without one: UTC, +02:00, America/New_York',
      })
      .option('ambiguous', {
        choices: ['reject', 'earlier', 'later'] as const,
        default: 'reject' as const,
        describe: 'which of two instants a time means that comes twice when clocks are put back',
      })
      .option('source', {
        type: 'string',
        requiresArg: true,
        default: 'import',
        describe: 'who sent the requests, for rows that do not say',
      })
      .option('map', {
        type: 'string',
        requiresArg: true,
        default: '',
        describe: 'other names of columns: timestamp=ts,type=route,resource_ms=cost',
      })
      .option('silence', {
        type: 'string',
        requiresArg: true,
        default: '1h',
        describe:
          'a request log that is silent for longer was not being written; "never": every absent bin is missing',
      })
      .option('strict', { type: 'boolean', default: false, describe: 'store nothing if a row is bad' })
      .option('dry-run', { type: 'boolean', default: false, describe: 'read and report, store nothing' })
      .option('json', { type: 'boolean', default: false, describe: 'print the result as JSON' })
      .example('$0 import access.csv.gz --zone Europe/Paris', 'a log with one request per row, in Paris time')
      .example('$0 import wc98_1min.csv.gz --category football', 'counts of one category')
      .example('zcat log.gz | $0 import - --map timestamp=ts,type=route', 'from standard input')
      .epilogue(explanation),
  handler: async (argv) => {
    const rules = {
      files: argv.files,
      format: argv.format,
      ...readCategoryOptions(argv.category),
      binMs: argv.bin === undefined ? null : durationOf('bin', argv.bin),
      clock: argv.zone === undefined ? null : wallClock(argv.zone),
      ambiguous: argv.ambiguous,
      source: argv.source,
      map: readColumnMap(argv.map),
    };
    const silenceMs = argv.silence === 'never' ? null : durationOf('silence', argv.silence);
    const database = argv['dry-run'] ? null : findDatabase(argv.config);
    const { retention } = database?.config ?? loadConfig({ file: argv.config });
    const { runImport } = await import('../../import/runImport.js');
    const { createProgress } = await import('../../import/progress.js');
    const progress = createProgress(process.stderr);
    const result = await runImport({
      rules,
      databaseUrl: database?.url ?? null,
      strict: argv.strict,
      silenceMs,
      complain: progress.write,
      progress: progress.show,
    }).finally(progress.end);
    const oldestMs = Date.now() - trainingDays * 86_400_000;
    for (const { category, lastMs } of result.categories)
      if (lastMs < oldestMs)
        process.stderr.write(
          `pam: note: "${category}" ends ${instantText(lastMs)}: models are trained on its last ${trainingDays} days until the category has measurements of its own; it is kept for ${Math.round(retention.bins / 86_400_000)} days from now (retention.bins)\n`,
        );
    process.stdout.write(argv.json ? `${JSON.stringify(result, null, 2)}\n` : describeImport(result));
  },
};

function durationOf(option: string, text: string): number {
  const parsed = duration.safeParse(text);
  if (!parsed.success)
    throw new PamError(
      'INVALID_INPUT',
      `--${option} ${text}: expected a duration with its unit, such as "1m" or "10s"`,
    );
  return parsed.data;
}

/** The result for people: one line per file and category. */
function describeImport({ stored, files, badRows, categories }: ImportResult): string {
  const lines = files.map(
    ({ file, shape, rows, badRows: bad, widthMs, fromMs, toMs }) =>
      `${file}: ${rows} rows of ${shape}, ${bad} bad${rows === 0 ? '' : `, ${widthMs === null ? '' : `bins of ${durationInWords(widthMs)}, `}${instantText(fromMs)} to ${instantText(toMs)}`}`,
  );
  for (const { category, rows, requests, firstMs, lastMs, quiet, measured } of categories)
    lines.push(
      `${category}: ${rows} bins stored (${quiet} without a request), ${Math.round(requests)} requests, ${instantText(firstMs)} to ${instantText(lastMs)}${measured === 0 ? '' : `; ${measured} of these bins do not count, since PAM has measured that time itself`}`,
    );
  if (!stored) lines.push('nothing was stored (--dry-run)');
  if (badRows > 0) lines.push(`${badRows} bad rows were left out`);
  return linesText(lines);
}
