/** A calendar file → events of a category, and a report of what could not be read. */
import type { CommandModule } from 'yargs';
import { migrate, openDatabase } from '../../../adapters/postgres';
import { categoryName } from '../../../core/category/name';
import { describeIssues } from '../../../core/describeIssues';
import { PamError } from '../../../core/errors';
import type { DemandEvent } from '../../../core/events/event';
import { instantText } from '../../../core/time/instantText';
import { findDatabase } from '../../connect/databaseUrl';
import { linesText } from '../../text/lines';

interface CalendarArguments {
  readonly config?: string;
  readonly action: 'import';
  readonly files: string[];
  readonly category: string;
  readonly zone: string | undefined;
  readonly kind: string | undefined;
  readonly uplift: number | undefined;
  readonly from: string;
  readonly to: string | undefined;
  readonly strict: boolean;
  readonly 'dry-run': boolean;
  readonly json: boolean;
}

const twoYearsMs = 2 * 365 * 86_400_000;

// biome-ignore lint/complexity/noBannedTypes: yargs declares the options of a command that way
export const calendarCommand: CommandModule<{}, CalendarArguments> = {
  command: 'calendar <action> <files..>',
  describe: 'Store the events of iCalendar files for a category',
  builder: (options) =>
    options
      .positional('action', { choices: ['import'] as const, demandOption: true })
      .positional('files', { type: 'string', array: true, demandOption: true, describe: 'iCalendar files' })
      .option('category', {
        type: 'string',
        requiresArg: true,
        demandOption: true,
        describe: 'category whose demand the events change',
      })
      .option('zone', {
        type: 'string',
        requiresArg: true,
        describe:
          'zone of all-day events and of times without one; the default is the calendar’s own, or UTC',
      })
      .option('kind', {
        type: 'string',
        requiresArg: true,
        describe:
          'kind of all events: the effect is learned per kind; the default is their category or title',
      })
      .option('uplift', {
        type: 'number',
        requiresArg: true,
        describe:
          'expected demand during an event ÷ demand without it, such as 3; the default is to learn it',
      })
      .option('from', {
        type: 'string',
        requiresArg: true,
        default: '1970-01-01',
        describe: 'events that end after this (ISO 8601)',
      })
      .option('to', {
        type: 'string',
        requiresArg: true,
        describe: 'events that begin before this (ISO 8601); the default is two years from now',
      })
      .option('strict', {
        type: 'boolean',
        default: false,
        describe: 'store nothing if an event can’t be read',
      })
      .option('dry-run', { type: 'boolean', default: false, describe: 'read and report, store nothing' })
      .option('json', { type: 'boolean', default: false, describe: 'print the events as JSON' })
      .example('$0 calendar import matches.ics --category football', 'past and coming events')
      .example(
        '$0 calendar import holidays.ics --category shop --zone America/New_York --kind holiday',
        'all-day events of a zone, one kind',
      ),
  handler: async (argv) => {
    const category = categoryName.safeParse(argv.category);
    if (!category.success)
      throw new PamError('INVALID_INPUT', `--category ${argv.category}: ${describeIssues(category.error)}`);
    if (argv.uplift !== undefined && !(argv.uplift > 0))
      throw new PamError('INVALID_INPUT', `--uplift ${argv.uplift}: expected a factor above 0, such as 3`);
    const { withCalendars } = await import('../../calendar/readCalendars.js');
    const events: DemandEvent[] = [];
    const cancelled: { source: string; id: string }[] = [];
    let bad = 0;
    const options = {
      fromMs: instantOf('from', argv.from),
      toMs: argv.to === undefined ? Date.now() + twoYearsMs : instantOf('to', argv.to),
      ...(argv.zone === undefined ? {} : { zone: argv.zone }),
      ...(argv.kind === undefined ? {} : { kind: argv.kind }),
    };
    const readings = await withCalendars((calendars) =>
      Promise.all(argv.files.map(async (file) => ({ file, reading: await calendars.file(file, options) }))),
    );
    for (const { file, reading } of readings) {
      const source = file.split('/').at(-1) ?? file;
      cancelled.push(...reading.cancelled.map((id) => ({ source, id })));
      for (const event of reading.events)
        events.push(argv.uplift === undefined ? event : { expectedUplift: argv.uplift, ...event });
      for (const { line, reason } of reading.problems) {
        if (line > 0) bad++;
        process.stderr.write(linesText([line > 0 ? `${file}:${line}: ${reason}` : `${file}: ${reason}`]));
      }
    }
    if (bad > 0 && (argv.strict || events.length === 0))
      throw new PamError('INVALID_DATA', `${bad} events can't be read: nothing was stored`);
    let withdrawn = 0;
    if (!argv['dry-run']) {
      const { url } = findDatabase(argv.config);
      await migrate(url);
      const database = await openDatabase({ url, poolSize: 1 });
      try {
        await database.events.put(category.data, events);
        for (const { source, id } of cancelled)
          if (await database.events.withdraw(category.data, source, id)) withdrawn++;
      } finally {
        await database.close();
      }
    }
    process.stdout.write(
      argv.json
        ? `${JSON.stringify({ stored: !argv['dry-run'], category: category.data, events, cancelled, withdrawn, bad }, null, 2)}\n`
        : describeEvents(category.data, events, withdrawn, argv['dry-run']),
    );
  },
};

function instantOf(option: string, text: string): number {
  const timeMs = Date.parse(text);
  if (Number.isNaN(timeMs) || !/^\d{4}-\d{2}-\d{2}/.test(text))
    throw new PamError(
      'INVALID_INPUT',
      `--${option} ${text}: expected ISO 8601, such as 2026-05-04T13:30:00Z`,
    );
  return timeMs;
}

function describeEvents(
  category: string,
  events: readonly DemandEvent[],
  withdrawn: number,
  dryRun: boolean,
): string {
  const kinds = new Map<string, number>();
  for (const { kind } of events) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  const lines = [...kinds].map(([kind, count]) => `  ${kind}: ${count}`);
  const first = events.reduce((least, { startMs }) => Math.min(least, startMs), Number.POSITIVE_INFINITY);
  const last = events.reduce((most, { endMs }) => Math.max(most, endMs), Number.NEGATIVE_INFINITY);
  const span = events.length === 0 ? '' : `, ${instantText(first)} to ${instantText(last)}, by kind:`;
  const head = `${category}: ${events.length} events ${dryRun ? 'read, nothing was stored (--dry-run)' : 'stored'}${span}`;
  if (withdrawn > 0) lines.push(`${withdrawn} events were called off`);
  return linesText([head, ...lines]);
}
