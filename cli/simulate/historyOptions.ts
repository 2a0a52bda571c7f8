/** The options that choose the replayed history, the same for every command that replays one. */
import type { Argv } from 'yargs';

/** All except `trace`, of which a command takes one or several. */
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
      describe: 'iCalendar file of events that change demand; they are known in advance',
    })
    .option('category', {
      type: 'string',
      array: true,
      requiresArg: true,
      default: [] as string[],
      describe: 'only this category (repeatable)',
    })
    .option('from', {
      type: 'string',
      requiresArg: true,
      describe:
        'first evaluated instant, ISO 8601; bins before it are history; the default is the eighth day',
    })
    .option('to', {
      type: 'string',
      requiresArg: true,
      describe: 'end of the evaluated window; the default is the end of the history',
    })
    .option('zone', {
      type: 'string',
      requiresArg: true,
      describe: 'zone of times that name none; the default is UTC',
    })
    .option('map', {
      type: 'string',
      requiresArg: true,
      default: '',
      describe: 'other names of columns, such as timestamp=ts,count=hits',
    });
}

/** Seed of the random numbers in fits. */
export function withSeed<Known>(options: Argv<Known>) {
  return options.option('seed', {
    type: 'number',
    requiresArg: true,
    default: 1,
    describe: 'seed of the random numbers in fits',
  });
}
