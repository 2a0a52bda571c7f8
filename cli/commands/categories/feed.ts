/** A feed → added, listed, tried out, synchronized once, or removed. */
import type { CommandModule } from 'yargs';
import { PamError } from '../../../core/errors';
import type { FeedDefinition } from '../../../core/events/feed';
import { feedRefusals } from '../../../core/policy/refusals';
import type { Policy } from '../../../core/policy/schema';
import { durationInWords } from '../../../core/time/durationWords';
import { type DefinitionOptions, readDefinition, saysWhatItIs } from '../../feed/definitionOptions';

interface FeedArguments extends DefinitionOptions {
  readonly config?: string;
  readonly action: 'add' | 'list' | 'test' | 'sync' | 'remove';
  readonly name: string | undefined;
  readonly 'keep-events': boolean;
  readonly json: boolean;
}

const explanation = `Actions:
  add     read a feed regularly: a Temporal Schedule feed:NAME starts syncEvents, which
          stores what changed and signals calendarEvent to the categories; adding a feed
          again changes it
  list    print the feeds, when each was reached, and why the last attempt failed
  test    fetch and read it here; print what would change, store nothing
  sync    read it now, wait, and print what changed
  remove  stop reading it; its events that have not ended are called off

Types: calendar = iCalendar; campaign = CSV (name,categories,start,end,uplift) or JSON;
news = RSS, Atom or JSON Feed with --rules, see docs/events.md.`;

// biome-ignore lint/complexity/noBannedTypes: yargs declares the options of a command that way
export const feedCommand: CommandModule<{}, FeedArguments> = {
  command: 'feed <action> [name]',
  describe: 'Add, list, test, sync or remove calendars, campaign schedules and news feeds',
  builder: (options) =>
    options
      .positional('action', {
        choices: ['add', 'list', 'test', 'sync', 'remove'] as const,
        demandOption: true,
      })
      .positional('name', {
        type: 'string',
        describe: 'name of the feed: lower-case letters, digits, dashes',
      })
      .option('type', { type: 'string', requiresArg: true, describe: 'calendar, campaign or news' })
      .option('url', { type: 'string', requiresArg: true, describe: 'http:// or https:// address' })
      .option('file', {
        type: 'string',
        requiresArg: true,
        describe: 'instead of an address: a file on the worker’s machine, in a folder that its policy allows',
      })
      .option('every', { type: 'string', requiresArg: true, describe: 'how often it is read; default 5m' })
      .option('category', {
        type: 'string',
        array: true,
        requiresArg: true,
        nargs: 1,
        describe: 'category whose demand its events change (repeatable)',
      })
      .option('rules', { type: 'string', requiresArg: true, describe: 'YAML or JSON file with news rules' })
      .option('definition', {
        type: 'string',
        requiresArg: true,
        describe: 'YAML or JSON file with the whole definition; other options override it',
      })
      .option('kind', { type: 'string', requiresArg: true, describe: 'kind of all its events' })
      .option('uplift', {
        type: 'number',
        requiresArg: true,
        describe: 'uplift of events that state none, such as 3',
      })
      .option('zone', { type: 'string', requiresArg: true, describe: 'zone of times that name none' })
      .option('ahead', {
        type: 'string',
        requiresArg: true,
        describe: 'how far ahead events are read; default 90d',
      })
      .option('past', {
        type: 'string',
        requiresArg: true,
        describe: 'how far back events are read; default 90d',
      })
      .option('timeout', {
        type: 'string',
        requiresArg: true,
        describe: 'longest time for one attempt; default 10s',
      })
      .option('max-bytes', {
        type: 'number',
        requiresArg: true,
        describe: 'most bytes that are read; default 5000000',
      })
      .option('allow-private', {
        type: 'boolean',
        describe: 'the address may be in a private network, if the policy of the worker lists it',
      })
      .option('keep-events', {
        type: 'boolean',
        default: false,
        describe: 'with remove: keep its events',
      })
      .option('json', { type: 'boolean', default: false, describe: 'print JSON' })
      .example(
        '$0 feed test matches --type calendar --url https://example.org/m.ics --category football',
        'what this calendar would change',
      )
      .example(
        '$0 feed add matches --type calendar --url https://example.org/m.ics --category football',
        'follow it',
      )
      .example(
        '$0 feed add sales --type campaign --file sales.csv --every 1h',
        'a schedule whose rows name their categories',
      )
      .example(
        '$0 feed add press --type news --url https://example.org/rss --rules press.yaml',
        'news that match rules',
      )
      .example('$0 feed list', 'all feeds and their state')
      .epilogue(
        `${explanation}\n\nExit codes: 0 done, 64 wrong arguments, 65 the feed or a file can’t be read, 66 no such feed or address, 69 something does not answer, 77 denied: by a server, or by the policy of the workers ("pam config" prints it).`,
      ),
  handler: async (argv) => {
    const print = (json: unknown, text: string) =>
      process.stdout.write(argv.json ? `${JSON.stringify(json, null, 2)}\n` : text);
    if (argv.action === 'list') return list(argv, print);
    if (argv.action === 'test') return test(argv, print);
    const { withTemporal } = await import('../../connect/withTemporal.js');
    const schedules = await import('../../feed/feedSchedules.js');
    const { syncFeed } = await import('../../feed/syncFeed.js');
    const { workersPolicy } = await import('../../connect/workersPolicy.js');
    const { resultText } = await import('../../feed/feedText.js');
    const added = argv.action === 'add' ? readDefinition(argv.name, argv) : null;
    const name = added?.definition.name ?? nameOf(argv);
    await withTemporal(argv.config, async ({ client, config }) => {
      const { taskQueue } = config.temporal;
      if (added !== null) {
        refuseByPolicy(added.definition, workersPolicy(config));
        const did = await schedules.putFeedSchedule(client, taskQueue, added);
        print(
          { feed: name, did, definition: added.written },
          `${name}: ${did}; read now and every ${durationInWords(added.definition.every)} (Schedule feed:${name})\nsee its state with: pam feed list, pam events\n`,
        );
        return;
      }
      const { written } = await schedules.findFeedSchedule(client, name);
      if (argv.action === 'remove') {
        await schedules.removeFeedSchedule(client, name);
        const result = argv['keep-events']
          ? null
          : await syncFeed(client, taskQueue, name, { feed: name, withdraw: true }).catch(forNeverSeen);
        print(
          { feed: name, removed: true, result },
          `${name}: removed\n${result === null ? '' : resultText(result)}`,
        );
        return;
      }
      const result = await syncFeed(client, taskQueue, name, written ?? { feed: name });
      print(result, resultText(result));
    });
  },
};

type Print = (json: unknown, text: string) => void;

async function list(argv: FeedArguments, print: Print): Promise<void> {
  const { withTemporal } = await import('../../connect/withTemporal.js');
  const { withStoresIfThere } = await import('../../connect/withStores.js');
  const { listFeedSchedules } = await import('../../feed/feedSchedules.js');
  const { listText } = await import('../../feed/feedText.js');
  const scheduled = await withTemporal(argv.config, ({ client }) => listFeedSchedules(client));
  await withStoresIfThere(argv.config, complain, async (database) => {
    const records = (await database?.feeds.list()) ?? [];
    const feeds = scheduled.map((feed) => ({
      ...feed,
      known: records.find(({ definition }) => definition.name === feed.name) ?? null,
    }));
    print(feeds, listText(feeds));
  });
}

async function test(argv: FeedArguments, print: Print): Promise<void> {
  const { withStoresIfThere } = await import('../../connect/withStores.js');
  const { tryFeed } = await import('../../feed/tryFeed.js');
  const { trialText } = await import('../../feed/feedText.js');
  const definition = saysWhatItIs(argv)
    ? readDefinition(argv.name, argv).definition
    : await scheduledDefinition(argv);
  await withStoresIfThere(argv.config, complain, async (database) => {
    const trial = await tryFeed(definition, database, Date.now());
    print({ feed: definition.name, ...trial }, trialText(definition.name, trial));
  });
}

async function scheduledDefinition(argv: FeedArguments) {
  const { withTemporal } = await import('../../connect/withTemporal.js');
  const { findFeedSchedule } = await import('../../feed/feedSchedules.js');
  const name = nameOf(argv);
  const { definition } = await withTemporal(argv.config, ({ client }) => findFeedSchedule(client, name));
  if (definition === null)
    throw new PamError('INVALID_DATA', `feed "${name}": its Schedule's input is no feed definition`);
  return definition;
}

function nameOf({ name, action }: FeedArguments): string {
  if (name === undefined)
    throw new PamError(
      'INVALID_INPUT',
      `pam feed ${action}: expected the name of a feed; "pam feed list" prints all names`,
    );
  return name;
}

/** What the workers of this machine would refuse at every look is refused before it is sent. */
function refuseByPolicy(definition: FeedDefinition, policy: Policy | null): void {
  const refused = policy === null ? [] : feedRefusals(definition, policy);
  if (refused.length > 0) throw new PamError('DENIED', `feed "${definition.name}": ${refused.join('; ')}`);
}

/** A feed that was never read announced nothing. */
function forNeverSeen(error: unknown): null {
  if (error instanceof PamError && error.code === 'NOT_FOUND') return null;
  throw error;
}

const complain = (why: string) => void process.stderr.write(`pam: ${why}\n`);
