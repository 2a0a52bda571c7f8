/** Folders of `pam simulate --out` → one self-contained page for a team. */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CommandModule } from 'yargs';
import { projectVersion } from '../../../config/projectRoot';
import { PamError } from '../../../core/errors';
import { messageOf } from '../../../core/thrown';
import type { ScorecardFile } from '../../simulate/scorecardFile';

interface ReportArguments {
  readonly folders: string[];
  readonly out: string;
}

// biome-ignore lint/complexity/noBannedTypes: yargs declares the options of a command that way
export const reportCommand: CommandModule<{}, ReportArguments> = {
  command: 'report <folders..>',
  describe: 'Turn the results of `pam simulate --out` into one self-contained HTML page',
  builder: (options) =>
    options
      .positional('folders', {
        type: 'string',
        array: true,
        demandOption: true,
        describe: 'folders that `pam simulate --out` wrote, or their scorecard.json',
      })
      .option('out', {
        type: 'string',
        requiresArg: true,
        default: 'pam-report.html',
        describe: 'file to write; "-" for standard output',
      })
      .example('$0 simulate --from 2026-11-01 --out results', 'replay the stored history first')
      .example('$0 report results --out report.html', 'then make the page of it')
      .example('$0 report results-a results-b', 'several on one page')
      .epilogue(
        'The page shows cost against overflow for every policy, forecasts against demand around the worst and typical hours, calibration, and all figures. It loads nothing from elsewhere.\n\nExit codes: 0 written, 65 a scorecard can’t be read, 66 a folder or scorecard is missing.',
      ),
  handler: async (argv) => {
    const scorecards = await Promise.all(argv.folders.map(readScorecardOf));
    const { reportPage } = await import('../../report/page.js');
    const page = reportPage(scorecards, `pam ${projectVersion()}`);
    if (argv.out === '-') {
      process.stdout.write(page);
      return;
    }
    try {
      await writeFile(argv.out, page);
    } catch (error) {
      throw new PamError('INVALID_INPUT', `--out ${argv.out} can't be written: ${messageOf(error)}`);
    }
    process.stdout.write(`${argv.out}\n`);
  },
};

/** Throws PamError NOT_FOUND if there is no scorecard, INVALID_DATA if it can’t be read. */
async function readScorecardOf(place: string): Promise<ScorecardFile> {
  const file = place.endsWith('.json') ? place : join(place, 'scorecard.json');
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new PamError('NOT_FOUND', whatIsMissing(place, file, error));
  }
  const { readScorecard } = await import('../../simulate/scorecardFile.js');
  return readScorecard(text, file);
}

function whatIsMissing(place: string, file: string, error: unknown): string {
  const absent = (error as NodeJS.ErrnoException).code === 'ENOENT';
  if (!absent) return `${file} can't be read: ${messageOf(error)}`;
  return place !== file && existsSync(place)
    ? `${place} has no scorecard.json: "pam simulate --out" writes it last; did it run to its end?`
    : `${place} does not exist; expected a folder that "pam simulate --out" wrote`;
}
