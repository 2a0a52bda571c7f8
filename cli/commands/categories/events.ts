/** A category, or none for all, enters; its known events, what was expected of them and what came of it leave. */
import type { CommandModule } from 'yargs';
import { PamError } from '../../../core/errors';
import { readCategory } from '../../options/readCategory';
import { readInstant, readPast } from '../../options/readPast';

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
      .positional('category', { type: 'string', describe: 'only its events; without it those of all' })
      .option('since', {
        type: 'string',
        requiresArg: true,
        default: '30d',
        describe: 'events that end after this instant (ISO 8601) or so long ago',
      })
      .option('ahead', {
        type: 'string',
        requiresArg: true,
        default: '90d',
        describe: 'events that begin within this time',
      })
      .option('json', { type: 'boolean', default: false, describe: 'print a JSON array' })
      .example('$0 events football', 'which matches are known, and what the last ones brought')
      .epilogue(
        'STATED is what the announcement says; EXPECTED the median uplift of the earlier events of the kind, pulled to what is stated (worth three occurrences) or to no effect (worth one); REALIZED mean demand during the event ÷ that of the same time without an event, by weekday where there are three such weeks; ERROR = expected ÷ realized − 1. Withdrawn events are not listed.\n\nExit codes: 0 listed, 64 called wrongly, 66 no such category, 69 the database does not answer.',
      ),
  handler: async (argv) => {
    const nowMs = Date.now();
    const fromMs = readInstant('--since', argv.since, nowMs);
    const toMs = nowMs + readPast('--ahead', argv.ahead);
    const wanted = argv.category === undefined ? null : readCategory(argv.category);
    const { withStores } = await import('../../connect/withStores.js');
    const { reviewEvents } = await import('../../events/reviewEvents.js');
    const { eventsText } = await import('../../events/eventsText.js');
    const reviewed = await withStores(argv.config, async (database) => {
      const known = await database.categories.list();
      const chosen = known.filter(({ settings }) => wanted === null || settings.name === wanted);
      if (wanted !== null && chosen.length === 0) {
        const names = known.map(({ settings }) => settings.name).join(', ');
        throw new PamError('NOT_FOUND', `there is no category "${wanted}"; there are ${names || 'none'}`);
      }
      const found = [];
      for (const record of chosen) found.push(await reviewEvents(database, record, { fromMs, toMs, nowMs }));
      return found;
    });
    if (argv.json) process.stdout.write(`${JSON.stringify(reviewed, null, 2)}\n`);
    else
      process.stdout.write(
        `${reviewed.length === 0 ? 'no category is registered yet' : eventsText(reviewed).join('\n')}\n`,
      );
  },
};
