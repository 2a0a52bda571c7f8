/** Files, rules and a database → bins stored, all or none, and a report. */
import {
  type ImportObserver,
  type ImportRules,
  importFiles,
  type ReadFile,
} from '../../adapters/demand/files/importFiles';
import { migrate, openDatabase } from '../../adapters/postgres';
import {
  type BinImport,
  type ImportedCategory,
  startBinImport,
} from '../../adapters/postgres/import/binImport';
import { PamError } from '../../core/errors';
import { durationInWords } from '../../core/time/durationWords';
import { type BadRow, BadRows } from './badRows';

export interface ImportRun {
  readonly rules: ImportRules;
  /** null = only read (`--dry-run`). */
  readonly databaseUrl: string | null;
  readonly strict: boolean;
  /** See `QuietBins`; null = bins without a request stay missing. */
  readonly silenceMs: number | null;
  /** Writes complaints to standard error. */
  readonly complain: (text: string) => void;
  readonly progress: (file: string, rows: number) => void;
}

export interface ImportResult {
  readonly stored: boolean;
  readonly files: readonly ReadFile[];
  readonly badRows: number;
  /** The first bad rows. */
  readonly bad: readonly BadRow[];
  /** Empty if nothing was stored. */
  readonly categories: readonly ImportedCategory[];
}

/** Throws PamError INVALID_DATA if no row is good, or if one is bad and `strict` is set. */
export async function runImport(run: ImportRun): Promise<ImportResult> {
  const { rules, databaseUrl, strict } = run;
  const badRows = new BadRows(run.complain);
  const bins = databaseUrl === null ? null : await start(databaseUrl);
  const observer: ImportObserver = {
    write: async (group, parts) => {
      // Nothing will be stored: read on only to report other bad rows.
      if (!strict || badRows.count === 0) await bins?.write(group, parts);
    },
    bad: (file, line, reason) => badRows.add(file, line, reason),
    progress: run.progress,
  };
  try {
    const { files, shape, widthsMs } = await importFiles(rules, observer);
    if (strict && badRows.count > 0)
      throw new PamError(
        'INVALID_DATA',
        `${badRows.count} bad row${badRows.count === 1 ? '' : 's'}: nothing was stored, because --strict is set`,
      );
    const quiet =
      shape === 'requests' && run.silenceMs !== null
        ? { source: rules.source, binMs: [...widthsMs.values()][0] ?? 0, silenceMs: run.silenceMs }
        : null;
    const categories = (await bins?.finish(files, widthsMs, quiet)) ?? [];
    if (databaseUrl !== null) await warnOfWideBins(databaseUrl, files, categories, run.complain);
    return { stored: bins !== null, files, badRows: badRows.count, bad: badRows.shown, categories };
  } finally {
    await bins?.abandon();
  }
}

async function start(url: string): Promise<BinImport> {
  await migrate(url);
  return startBinImport(url);
}

/** Bins wider than those of the category are stored, but its forecasts can’t use them. */
async function warnOfWideBins(
  url: string,
  files: readonly ReadFile[],
  imported: readonly ImportedCategory[],
  complain: (text: string) => void,
): Promise<void> {
  const widthMs = Math.max(...files.map((file) => file.widthMs ?? 0));
  const database = await openDatabase({ url, poolSize: 1 });
  try {
    for (const { category } of imported) {
      const record = await database.categories.get(category);
      if (record !== null && record.settings.binMs < widthMs)
        complain(
          `pam: warning: category "${category}" has bins of ${durationInWords(record.settings.binMs)} and can’t use these of ${durationInWords(widthMs)}, because it is unknown how their requests spread\n`,
        );
    }
  } finally {
    await database.close();
  }
}
