/** The options that say which history is replayed, the same for every command that replays one. */
import type { Argv } from 'yargs';

/** All but `trace`, of which a command takes one or several. */
export interface HistoryArguments {
  readonly config?: string;
  readonly calendar: string[];
  readonly category: string[];
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly zone: string | undefined;
  readonly map: string;
}

export function withHistoryOptions<Known>(options: Argv<Known>) {
  return options
    .option('calendar', {
      type: 'string',
      array: true,
      requiresArg: true,
      default: [] as string[],
      describe: 'iCalendar file of events that change demand; known in advance',
    })
    .option('category', {
      type: 'string',
      array: true,
      requiresArg: true,
      default: [] as string[],
      describe: 'only this category; repeat it for several',
    })
    .option('from', {
      type: 'string',
      requiresArg: true,
      describe: 'first judged instant, ISO 8601; what is before is history. Default: the eighth day',
    })
    .option('to', { type: 'string', requiresArg: true, describe: 'end of what is judged; default: all' })
    .option('zone', {
      type: 'string',
      requiresArg: true,
      describe: 'zone of times that name none; default: UTC',
    })
    .option('map', {
      type: 'string',
      requiresArg: true,
      default: '',
      describe: 'columns with other names, such as timestamp=ts,count=hits',
    });
}

/** Of the random numbers in fits. */
export function withSeed<Known>(options: Argv<Known>) {
  return options.option('seed', {
    type: 'number',
    requiresArg: true,
    default: 1,
    describe: 'of the random numbers in fits',
  });
}
