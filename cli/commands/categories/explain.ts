/** A category and a time enter; the walk of one number from stored data, demand to outcome, leaves. */
import type { CommandModule } from 'yargs';
import { readCategory } from '../../options/readCategory';
import { readInstant } from '../../options/readPast';

interface ExplainArguments {
  readonly config?: string;
  readonly category: string;
  readonly at: string | undefined;
  readonly json: boolean;
}

// biome-ignore lint/complexity/noBannedTypes: yargs declares the options of a command that way
export const explainCommand: CommandModule<{}, ExplainArguments> = {
  command: 'explain <category>',
  describe: 'Walk one decision from demand to outcome: model, quantiles, events, reason, nodes',
  builder: (options) =>
    options
      .positional('category', { type: 'string', demandOption: true, describe: 'whose decision' })
      .option('at', {
        type: 'string',
        requiresArg: true,
        describe:
          'the decision in force at this instant (ISO 8601, UTC without a zone) or so long ago (20m); the default is the latest',
      })
      .option('json', { type: 'boolean', default: false, describe: 'print JSON' })
      .example('$0 explain checkout', 'the latest decision')
      .example('$0 explain checkout --at 2026-06-11T19:00:00Z', 'why there were so many nodes at kick-off')
      .epilogue(
        'Everything comes from PostgreSQL, so it works while no worker runs. What is no longer stored, or never was, is said under "missing".\n\nExit codes: 0 explained, 64 called wrongly, 66 no such category or no decision at that time, 69 the database does not answer.',
      ),
  handler: async (argv) => {
    const category = readCategory(argv.category);
    const nowMs = Date.now();
    const atMs = argv.at === undefined ? nowMs : readInstant('--at', argv.at, nowMs);
    const { withStores } = await import('../../connect/withStores.js');
    const { gatherWalk } = await import('../../explain/gatherWalk.js');
    const { walkText } = await import('../../explain/walkText.js');
    const walk = await withStores(argv.config, (database) => gatherWalk(database, category, atMs, nowMs));
    process.stdout.write(argv.json ? `${JSON.stringify(walk, null, 2)}\n` : `${walkText(walk).join('\n')}\n`);
  },
};
