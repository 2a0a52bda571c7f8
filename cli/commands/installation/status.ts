/**
 * The configuration → what runs where and a line for every category, or the whole story of one category. Exit code 69
 * if something is down.
 */
import type { CommandModule } from 'yargs';
import { loadConfig } from '../../../config/load';
import { PamError } from '../../../core/errors';
import { readCategory } from '../../options/readCategory';
import { readPast } from '../../options/readPast';
import { statusTable } from '../../status/statusTable';
import { linesText } from '../../text/lines';

interface StatusArguments {
  readonly config?: string;
  readonly category: string | undefined;
  readonly watch: boolean;
  readonly every: string;
  readonly json: boolean;
}

interface Look {
  readonly found: unknown;
  readonly lines: (width: number) => readonly string[];
  /** Whether everything that should answer does. */
  readonly up: boolean;
}

// biome-ignore lint/complexity/noBannedTypes: yargs declares the options of a command that way
export const statusCommand: CommandModule<{}, StatusArguments> = {
  command: 'status [category]',
  describe: 'Show what runs where, or all about one category; exit code 69 if something is down',
  builder: (options) =>
    options
      .positional('category', {
        type: 'string',
        describe: 'the category to show; the default is the installation',
      })
      .option('watch', { type: 'boolean', default: false, describe: 'repeat until Ctrl-C' })
      .option('every', {
        type: 'string',
        requiresArg: true,
        default: '2s',
        describe: 'time between two outputs of --watch; into a pipe at least 15 s',
      })
      .option('json', {
        type: 'boolean',
        default: false,
        describe: 'print JSON; with --watch one line each time',
      })
      .example('$0 status', 'every part with its address, and a line for every category')
      .example('$0 status --json', 'the same for scripts')
      .example('$0 status checkout --watch', 'counts, demand, decision, model, events as they change')
      .epilogue(
        'Exit codes: 0 all is up, 66 no such category, 69 a part is down or a category does not answer. --watch ends with Ctrl-C and 0.',
      ),
  handler: async (argv) => {
    const everyMs = readPast('--every', argv.every);
    const category = argv.category === undefined ? undefined : readCategory(argv.category);
    const look = category === undefined ? () => lookAtAll(argv) : () => lookAtOne(argv, category);
    if (!argv.watch) {
      const { found, lines, up } = await look();
      process.stdout.write(
        argv.json ? `${JSON.stringify(found, null, 2)}\n` : linesText(lines(process.stdout.columns ?? 400)),
      );
      if (!up) process.exitCode = 69;
      return;
    }
    // A wrong name is reported at once, not watched.
    const first = await look();
    const { watch, watchJson } = await import('../../status/watch.js');
    if (argv.json) return watchJson(first, look, everyMs);
    await watch(async (width) => (await look()).lines(width), everyMs);
  },
};

async function lookAtAll(argv: StatusArguments): Promise<Look> {
  const { describeInstallation } = await import('../../../installation/describeInstallation.js');
  const description = await describeInstallation(loadConfig({ file: argv.config }).stateDir);
  const table = statusTable(description).trimEnd().split('\n');
  if (description.parts.length === 0) return { found: description, lines: () => table, up: false };
  const { withTemporal } = await import('../../connect/withTemporal.js');
  const { withStoresIfThere } = await import('../../connect/withStores.js');
  const { standings } = await import('../../category/standings.js');
  const { standingsTable } = await import('../../category/standingsTable.js');
  try {
    const rows = await withTemporal(argv.config, ({ client }) =>
      withStoresIfThere(
        argv.config,
        () => undefined,
        (database) => standings(client, database, Date.now(), Date.now()),
      ),
    );
    return {
      found: { ...description, categories: rows },
      lines: (width) => [...table, '', ...standingsTable(rows, Date.now(), width)],
      up: description.up && rows.every(({ trouble }) => trouble === null),
    };
  } catch (error) {
    if (!(error instanceof PamError)) throw error;
    const why = error.message;
    return {
      found: { ...description, categories: null, trouble: why },
      lines: () => [...table, '', `categories         ${why}`],
      up: false,
    };
  }
}

async function lookAtOne(argv: StatusArguments, category: string): Promise<Look> {
  const { withTemporal } = await import('../../connect/withTemporal.js');
  const { withStoresIfThere } = await import('../../connect/withStores.js');
  const { storyOf } = await import('../../category/story.js');
  const { storyText } = await import('../../category/storyText.js');
  const { readInstallation } = await import('../../../installation/installation.js');
  const story = await withTemporal(argv.config, ({ client, config }) =>
    withStoresIfThere(
      argv.config,
      (why) => process.stderr.write(`${why}\n`),
      (database) => {
        const ui = readInstallation(config.stateDir)?.temporal.uiUrl;
        const link = ui
          ? `${ui}/namespaces/${config.temporal.namespace}/workflows/category:${category}`
          : null;
        return storyOf(client, database, category, Date.now(), link);
      },
    ),
  );
  return {
    found: story,
    lines: (width) => storyText(story, width),
    up: story.standing.trouble === null,
  };
}
