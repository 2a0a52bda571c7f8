/**
 * A category → who asked for what, what was predicted, decided and why, done and failed, from the workflow’s history.
 */
import type { CommandModule } from 'yargs';
import { readCategory } from '../../options/readCategory';
import { readInstant } from '../../options/readPast';

interface AuditArguments {
  readonly config?: string;
  readonly category: string;
  readonly since: string | undefined;
  readonly all: boolean;
  readonly json: boolean;
}

// biome-ignore lint/complexity/noBannedTypes: yargs declares the options of a command that way
export const auditCommand: CommandModule<{}, AuditArguments> = {
  command: 'audit <category>',
  describe: 'Show who asked for what, what was predicted, decided and why, done and failed',
  builder: (options) =>
    options
      .positional('category', { type: 'string', demandOption: true, describe: 'running or ended' })
      .option('since', {
        type: 'string',
        requiresArg: true,
        describe:
          'entries since this instant (ISO 8601, UTC without a zone) or within this time (2h); the default is all',
      })
      .option('all', {
        type: 'boolean',
        default: false,
        describe: 'also entries that changed nothing: nodes kept, verifications without a finding',
      })
      .option('json', {
        type: 'boolean',
        default: false,
        describe: 'one JSON object a line, with inputs and results',
      })
      .example('$0 audit checkout --since 2h', 'the last two hours')
      .example('$0 audit checkout | grep " asked "', 'what people and feeds asked for, and who')
      .epilogue(
        'Read from Temporal, over all runs of category:<name> and retrain:<name> that it still keeps. No worker is needed. A refused update is not in a history.\n\nExit codes: 0 printed, 64 wrong arguments, 66 no such category, 69 Temporal does not answer.',
      ),
  handler: async (argv) => {
    const category = readCategory(argv.category);
    const sinceMs = argv.since === undefined ? 0 : readInstant('--since', argv.since, Date.now());
    const { withTemporal } = await import('../../connect/withTemporal.js');
    const { readAudit } = await import('../../audit/readAudit.js');
    const { entryLine } = await import('../../audit/entry.js');
    await withTemporal(argv.config, async ({ client }) => {
      const entries = readAudit(client, category, sinceMs, (why) => process.stderr.write(`${why}\n`));
      for await (const entry of entries) {
        if (entry.routine && !argv.all) continue;
        const { atMs, ...rest } = entry;
        const line = argv.json
          ? JSON.stringify({ at: new Date(atMs).toISOString(), ...rest })
          : entryLine(entry);
        if (!process.stdout.write(`${line}\n`))
          await new Promise((resolve) => process.stdout.once('drain', resolve));
      }
    });
  },
};
