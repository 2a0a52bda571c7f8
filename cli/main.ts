/**
 * Root of the `pam` command: arguments → exit code. Each command is a file of its own. Its handler imports heavy
 * libraries itself, so that `pam --help` stays fast.
 */
import yargs, { type Argv, type CommandModule } from 'yargs';
import { projectVersion } from '../config/projectRoot';
import { PamError } from '../core/errors';
import { applyCommand } from './commands/categories/apply';
import { auditCommand } from './commands/categories/audit';
import { calendarCommand } from './commands/categories/calendar';
import { eventsCommand } from './commands/categories/events';
import { explainCommand } from './commands/categories/explain';
import { feedCommand } from './commands/categories/feed';
import { fleetCommand } from './commands/categories/fleet';
import { listCommand } from './commands/categories/list';
import { webhookCommand } from './commands/categories/webhook';
import { backtestCommand } from './commands/history/backtest';
import { importCommand } from './commands/history/import';
import { reportCommand } from './commands/history/report';
import { simulateCommand } from './commands/history/simulate';
import { codecServerCommand } from './commands/installation/codecServer';
import { configCommand } from './commands/installation/config';
import { databaseCommand } from './commands/installation/database';
import { demoCommand } from './commands/installation/demo';
import { discoveryCommand } from './commands/installation/discovery';
import { downCommand } from './commands/installation/down';
import { envCommand } from './commands/installation/env';
import { prepareCommand } from './commands/installation/prepare';
import { statusCommand } from './commands/installation/status';
import { toolsCommand } from './commands/installation/tools';
import { upCommand } from './commands/installation/up';
import { completeCategories } from './options/completeCategories';
import { guardOutput } from './text/guardOutput';

interface Command {
  readonly name: string;
  register(parser: Argv): Argv;
}

// biome-ignore lint/complexity/noBannedTypes: yargs declares the options of a command that way
function command<Arguments>(module: CommandModule<{}, Arguments>): Command {
  return {
    name: String([module.command].flat()[0]).split(' ')[0] ?? '',
    register: (parser) => parser.command(module),
  };
}

/** Every command, in the order that `pam --help` lists them. Add yours here. */
export const commands: readonly Command[] = [
  command(upCommand),
  command(statusCommand),
  command(downCommand),
  command(listCommand),
  command(applyCommand),
  command(explainCommand),
  command(auditCommand),
  command(eventsCommand),
  command(feedCommand),
  command(webhookCommand),
  command(fleetCommand),
  command(demoCommand),
  command(envCommand),
  command(importCommand),
  command(calendarCommand),
  command(simulateCommand),
  command(backtestCommand),
  command(reportCommand),
  command(configCommand),
  command(databaseCommand),
  command(codecServerCommand),
  command(toolsCommand),
  command(prepareCommand),
  command(discoveryCommand),
];

const epilogue = `Results go to stdout, progress and complaints to stderr.
Settings come from pam.yaml (--config FILE, PAM_CONFIG or ./pam.yaml); environment variables override it.

Exit codes:
   0  it worked
   2  pam apply --dry-run: there are changes
  64  the arguments are wrong; the message says what would be right
  65  a file or the data in it is wrong
  66  something that was named does not exist
  69  a server or tool is missing or does not answer; the request was right
  70  a fault in PAM, or a refusal that repeating does not change
  75  busy or in conflict: the same command may work later
  77  a server denied it
  78  the configuration is wrong
 130  interrupted`;

interface Completed {
  readonly _: readonly (string | number)[];
  readonly config?: string;
}
type Usual = (done: (error: Error | null, words: string[] | undefined) => void) => void;

class UsageError extends Error {}

/** The parser without its arguments, for tests and for the run below. */
export function commandLine(args: readonly string[]): Argv {
  let parser: Argv = yargs([...args])
    .scriptName('pam')
    .usage(
      '$0 <command> [options]\n\nPredicts the workload of each request category and allocates nodes before the requests arrive.',
    )
    .option('config', {
      type: 'string',
      global: true,
      requiresArg: true,
      describe: 'configuration file (YAML); the default is ./pam.yaml if it exists',
    })
    .example('$0 up', 'start everything on this machine')
    .example('$0 status', 'what runs where, with the address of the Temporal UI')
    .example(
      '$0 apply -f examples/categories.yaml --dry-run',
      'the categories that would start, change or stop',
    )
    .example('$0 explain checkout', 'the latest decision, from demand to outcome')
    .example('$0 import history.csv.gz', 'load historical requests')
    .example('$0 down', 'stop everything that `pam up` started')
    .completion(
      'completion',
      'Print a completion script: pam completion >> ~/.bashrc',
      (typed: string, argv: Completed, usual: Usual, done: (words: string[]) => void) => {
        usual((_, words = []) =>
          completeCategories(typed, argv._.slice(1), argv.config).then((names) => done([...names, ...words])),
        );
      },
    )
    .version(projectVersion())
    .help()
    .alias('help', 'h')
    .strict()
    .recommendCommands()
    .demandCommand(1, 'expected a command')
    .wrap(Math.min(110, process.stdout.columns ?? 110))
    .epilogue(epilogue)
    .exitProcess(false)
    .fail((message: string | null, error: Error | undefined) => {
      // yargs passes a message for wrong arguments, and none for what a handler threw.
      if (error !== undefined && error.name !== 'YError') throw error;
      throw new UsageError(message ?? error?.message ?? 'wrong arguments');
    });
  for (const { register } of commands) parser = register(parser);
  return parser;
}

/**
 * Runs one command. Resolves to its exit code after every message was written. A command that ends with another result
 * than 0 without an error sets `process.exitCode` itself.
 */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  guardOutput(process.stdout);
  guardOutput(process.stderr);
  try {
    await commandLine(args).parseAsync();
    return typeof process.exitCode === 'number' ? process.exitCode : 0;
  } catch (error) {
    // A part of a command is never right; the words for a shell are printed all the same.
    if (args[0] === '--get-yargs-completions') return 0;
    const { message, exitCode } = explainFailure(error, args);
    process.stderr.write(`${message}\n`);
    return exitCode;
  }
}

/** The message about a failure: a stack trace only if asked for, and never for a mistake of the user. */
export function explainFailure(
  error: unknown,
  args: readonly string[],
): { readonly message: string; readonly exitCode: number } {
  if (error instanceof PamError) return { message: `pam: ${error.message}`, exitCode: error.exitCode };
  if (error instanceof UsageError) {
    const named = commands.find(({ name }) => args.includes(name))?.name;
    return {
      message: `pam: ${error.message}\nSee: pam ${named === undefined ? '' : `${named} `}--help`,
      exitCode: 64,
    };
  }
  const thrown = error instanceof Error ? error : new Error(String(error));
  const level = process.env.PAM_LOG_LEVEL;
  if (level === 'debug' || level === 'trace')
    return { message: `pam: ${thrown.stack ?? thrown.message}`, exitCode: 70 };
  return {
    message: `pam: unexpected fault: ${thrown.message}\nSet PAM_LOG_LEVEL=debug for the stack trace.`,
    exitCode: 70,
  };
}
