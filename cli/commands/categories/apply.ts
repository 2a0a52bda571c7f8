/** A file of categories → the running ones are as it says, or nothing is changed and the reasons are printed. */
import { readFileSync } from 'node:fs';
import type { CommandModule } from 'yargs';
import { errorCatalogue, PamError } from '../../../core/errors';
import { messageOf } from '../../../core/thrown';
import { linesText } from '../../text/lines';

interface ApplyArguments {
  readonly config?: string;
  readonly file: string[];
  readonly 'dry-run': boolean;
  readonly prune: boolean;
  readonly json: boolean;
}

/** As `terraform plan -detailed-exitcode`: there are changes. */
const changesExitCode = 2;

// biome-ignore lint/complexity/noBannedTypes: yargs declares the options of a command that way
export const applyCommand: CommandModule<{}, ApplyArguments> = {
  command: 'apply',
  describe: 'Start, update and stop categories so that they are as a file says',
  builder: (options) =>
    options
      .option('file', {
        alias: 'f',
        type: 'string',
        array: true,
        requiresArg: true,
        demandOption: true,
        describe: 'YAML or JSON with a list under "categories" (repeatable; /dev/stdin works too)',
      })
      .option('dry-run', { type: 'boolean', default: false, describe: 'show the diff, change nothing' })
      .option('prune', {
        type: 'boolean',
        default: false,
        describe: 'also stop categories that run and are not in the file; their nodes are drained',
      })
      .option('json', { type: 'boolean', default: false, describe: 'print JSON' })
      .example('$0 apply -f examples/categories.yaml --dry-run', 'what would change')
      .example('$0 apply -f categories.yaml --prune', 'exactly these categories and no others')
      .epilogue(
        `Every entry is a category as in docs/category.md. A setting that is not written has its default, so a change that was made by hand is undone. All entries are checked first. If one is wrong, nothing is changed. Applying the same file again changes nothing.

Exit codes: 0 nothing to do, or done; ${changesExitCode} with --dry-run: there are changes; 64 wrong arguments; 65 a wrong entry; 66 no such file; 69 Temporal or a worker does not answer; 70 refused; 75 in conflict with what runs; 77 the policy of the workers refuses an entry.`,
      ),
  handler: async (argv) => {
    const { readDeclarations } = await import('../../apply/readDeclarations.js');
    const { planChanges } = await import('../../apply/planChanges.js');
    const { runningCategories } = await import('../../apply/runningCategories.js');
    const { applyChanges } = await import('../../apply/applyChanges.js');
    const { checkPolicy } = await import('../../apply/policyOfChanges.js');
    const { workersPolicy } = await import('../../connect/workersPolicy.js');
    const { isWork, planText } = await import('../../apply/planText.js');
    const { withTemporal, temporalError } = await import('../../connect/withTemporal.js');
    // Several files are one declaration: a name may be in only one of them.
    const declarations = readDeclarationsOf(argv.file, readDeclarations);
    await withTemporal(argv.config, async ({ client, config }) => {
      const names = declarations.map(({ name }) => name);
      const running = await runningCategories(client, names, Date.now());
      const changes = planChanges(declarations, running, argv.prune);
      const policy = workersPolicy(config);
      for (const note of policy === null ? [] : checkPolicy(changes, declarations, policy))
        process.stderr.write(`pam: ${note}\n`);
      const work = changes.some(isWork);
      const address = config.temporal.address ?? 'the configured address';
      const outcomes =
        argv['dry-run'] || !work
          ? []
          : await applyChanges(changes, {
              client,
              taskQueue: config.temporal.taskQueue,
              reason: `pam apply -f ${argv.file.join(' -f ')}`,
              coded: (error) => temporalError(error, address, config.temporal.namespace),
            });
      process.stdout.write(
        argv.json
          ? `${JSON.stringify({ dryRun: argv['dry-run'], changes: changes.map((change) => toldChange(change, outcomes)) }, null, 2)}\n`
          : linesText(planText(changes, outcomes)),
      );
      if (argv['dry-run'] && work) process.exitCode = changesExitCode;
      const failed = outcomes.find(({ code }) => code !== null)?.code;
      if (failed != null) process.exitCode = errorCatalogue[failed].exitCode;
    });
  },
};

type Reader = typeof import('../../apply/readDeclarations').readDeclarations;
type Planned = ReturnType<typeof import('../../apply/planChanges').planChanges>[number];
type Outcomes = Awaited<ReturnType<typeof import('../../apply/applyChanges').applyChanges>>;

function readDeclarationsOf(files: readonly string[], read: Reader) {
  const complaints: string[] = [];
  const declarations = files.flatMap((file) => {
    try {
      return read(textOf(file), file);
    } catch (error) {
      if (!(error instanceof PamError) || error.code !== 'INVALID_DATA') throw error;
      complaints.push(error.message);
      return [];
    }
  });
  declarations.forEach(({ name, where }, index) => {
    const first = declarations.findIndex((other) => other.name === name);
    if (first !== index)
      complaints.push(`${where}: ${name}: name: already used at ${declarations[first]?.where}`);
  });
  if (complaints.length > 0)
    throw new PamError('INVALID_DATA', `nothing was changed:\n${complaints.join('\n')}`);
  return declarations;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new PamError('NOT_FOUND', `-f ${file}: ${messageOf(error)}`);
  }
}

function toldChange(change: Planned, outcomes: Outcomes) {
  const outcome = outcomes.find(({ category }) => category === change.category);
  return {
    category: change.category,
    action: change.action,
    ...(change.action === 'start' ? { settings: change.declaration.settings } : {}),
    ...(change.action === 'update' ? { fields: change.fields } : {}),
    ...(outcome === undefined ? {} : { result: outcome.result, error: outcome.error }),
  };
}
