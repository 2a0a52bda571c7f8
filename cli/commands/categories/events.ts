/** A category, or none for all → its known events, what was expected of them and what they brought. */
import type { CommandModule } from 'yargs';
import { PamError } from '../../../core/errors';
import { readCategory } from '../../options/readCategory';
import { readInstant, readPast } from '../../options/readPast';
import { linesText } from '../../text/lines';

interface EventsArguments {
  readonly config?: string;
  readonly category: string | undefined;
  readonly since: string;
  readonly ahead: string;
  readonly json: boolean;
}

// biome-ignore lint/complexity/noBannedTypes: yargs declares the options of a command that way
export const eventsCommand: CommandModule<{}, EventsArguments> = {
  command: 'events [category]',
  describe: 'List known events, past and coming: expected effect, realized effect, error',
  builder: (options) =>
    options
      .positional('category', {
        type: 'string',
        describe: 'show only its events; the default is all categories',
      })
      .option('since', {
        type: 'string',
        requiresArg: true,
        default: '30d',
        describe: 'events that end after this instant (ISO 8601) or within this time before now',
      })
      .option('ahead', {
        type: 'string',
        requiresArg: true,
        default: '90d',
        describe: 'events that begin within this time',
      })
      .option('json', { type: 'boolean', default: false, describe: 'print a JSON array' })
      .example('$0 events football', 'the known matches, and what the last ones brought')
      .epilogue(
        'STATED: the uplift that the announcement names. EXPECTED: the median uplift of the earlier events of the kind, pulled towards the stated one (weight: three occurrences) or towards no effect (weight: one). REALIZED: mean demand during the event ÷ that of the same time without an event, by weekday if there are three such weeks. ERROR: expected ÷ realized − 1. Withdrawn events are not listed.\n\nExit codes: 0 listed, 64 wrong arguments, 66 no such category, 69 the database does not answer.',
      ),
  handler: async (argv) => {
    const nowMs = Date.now();
    const fromMs = readInstant('--since', argv.since, nowMs);
    const toMs = nowMs + readPast('--ahead', argv.ahead);
    const wanted = argv.category === undefined ? null : readCategory(argv.category);
    const { withStores } = await import('../../connect/withStores.js');
    const { reviewEvents } = await import('../../events/reviewEvents.js');
    const { eventsText } = await import('../../events/eventsText.js');
    const reviewed = await withStores(
      argv.config,
      async (database) => {
        const known = await database.categories.list();
        const chosen = known.filter(({ settings }) => wanted === null || settings.name === wanted);
        if (wanted !== null && chosen.length === 0) {
          const names = known.map(({ settings }) => settings.name).join(', ');
          throw new PamError('NOT_FOUND', `there is no category "${wanted}"; there are ${names || 'none'}`);
        }
        const found = [];
        for (const record of chosen)
          found.push(await reviewEvents(database, record, { fromMs, toMs, nowMs }));
        return found;
      },
      { reading: true },
    );
    if (argv.json) process.stdout.write(`${JSON.stringify(reviewed, null, 2)}\n`);
    else
      process.stdout.write(
        linesText(reviewed.length === 0 ? ['no category is registered yet'] : eventsText(reviewed)),
      );
  },
};
