/** A category and a time → the walk of one number, from demand to outcome, from stored data. */
import type { CommandModule } from 'yargs';
import { readCategory } from '../../options/readCategory';
import { readInstant } from '../../options/readPast';
import { linesText } from '../../text/lines';

interface ExplainArguments {
  readonly config?: string;
  readonly category: string;
  readonly at: string | undefined;
  readonly json: boolean;
}

// biome-ignore lint/complexity/noBannedTypes: yargs declares the options of a command that way
export const explainCommand: CommandModule<{}, ExplainArguments> = {
  command: 'explain <category>',
  describe: 'Explain one decision: demand, model, quantiles, events, reason, nodes, outcome',
  builder: (options) =>
    options
      .positional('category', { type: 'string', demandOption: true, describe: 'whose decision' })
      .option('at', {
        type: 'string',
        requiresArg: true,
        describe:
          'the decision in force at this instant (ISO 8601, UTC without a zone) or this long ago (20m); the default is the latest',
      })
      .option('json', { type: 'boolean', default: false, describe: 'print JSON' })
      .example('$0 explain checkout', 'the latest decision')
      .example('$0 explain checkout --at 2026-06-11T19:00:00Z', 'the number of nodes at kick-off, and why')
      .epilogue(
        'Everything is read from PostgreSQL, so no worker is needed. "missing" lists what is not stored, or no longer.\n\nExit codes: 0 explained, 64 wrong arguments, 66 no such category or no decision at that time, 69 the database does not answer.',
      ),
  handler: async (argv) => {
    const category = readCategory(argv.category);
    const nowMs = Date.now();
    const atMs = argv.at === undefined ? nowMs : readInstant('--at', argv.at, nowMs);
    const { withStores } = await import('../../connect/withStores.js');
    const { gatherWalk } = await import('../../explain/gatherWalk.js');
    const { walkText } = await import('../../explain/walkText.js');
    const walk = await withStores(argv.config, (database) => gatherWalk(database, category, atMs, nowMs), {
      reading: true,
    });
    process.stdout.write(argv.json ? `${JSON.stringify(walk, null, 2)}\n` : linesText(walkText(walk)));
  },
};
