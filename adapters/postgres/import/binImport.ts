/**
 * Parts of bins stream in by COPY, into a table that only this import sees; in the end they become rows of `pam.bins`,
 * all of them or none.
 */
import { once } from 'node:events';
import { from as copyFrom } from 'pg-copy-streams';
import type { BinPart } from '../../../core/demand/import/binAccumulator';
import type { ImportShape } from '../../../core/demand/import/columns';
import { PamError } from '../../../core/errors';
import { Connection } from '../connection/connection';
import { translateError } from '../connection/translateError';
import * as statements from './binImportStatements';

/** What is recorded of a file. */
export interface ImportedFile {
  readonly file: string;
  readonly shape: ImportShape;
  /** Width of its bins, ms; null = unknown. */
  readonly widthMs: number | null;
  readonly rows: number;
  readonly badRows: number;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface QuietBins {
  /** Source of the rows that say "no request". */
  readonly source: string;
  readonly binMs: number;
  /** A log without a row for longer than this was not being written, ms. */
  readonly silenceMs: number;
}

export interface ImportedCategory {
  readonly category: string;
  /** Bins with their sources: rows of the table. */
  readonly rows: number;
  readonly requests: number;
  readonly firstMs: number;
  readonly lastMs: number;
  /** Of the rows, bins without a request in a log that was being written. */
  readonly quiet: number;
  /** Of the rows, those of a time that a demand source has measured: they don't count. */
  readonly measured: number;
}

export interface BinImport {
  /**
   * `group` says which parts belong together: those of one group are summed, and where two groups have the same
   * category, source and start the higher one replaces the lower. Resolves when more may follow.
   */
  write(group: number, parts: readonly BinPart[]): Promise<void>;
  /** Makes everything visible at once. `widthsMs` is the width of the bins of each group. */
  finish(
    files: readonly ImportedFile[],
    widthsMs: ReadonlyMap<number, number | null>,
    quiet: QuietBins | null,
  ): Promise<ImportedCategory[]>;
  /** Nothing is stored; after `finish` it does nothing. */
  abandon(): Promise<void>;
}

/** Throws PamError. The schema must be there (`migrate`). */
export async function startBinImport(url: string): Promise<BinImport> {
  // A merge of millions of rows takes its time.
  const connection = new Connection({
    url,
    poolSize: 1,
    statementTimeoutMs: 3_600_000,
    applicationName: 'pam import',
  });
  const client = await connection.client('connect for the import').catch(async (error: unknown) => {
    await connection.close();
    throw error;
  });
  const attempt = async <Result>(doing: string, work: () => Promise<Result>): Promise<Result> => {
    try {
      return await work();
    } catch (error) {
      // The COPY stream fails with its own confusion before the reason arrives: that the connection is gone.
      if (failure === null) await new Promise((resolve) => setTimeout(resolve, 10));
      throw translateError(failure ?? error, connection.place, doing);
    }
  };
  let failure: Error | null = null;
  let open = true;
  const end = async () => {
    if (!open) return;
    open = false;
    // Ending the session rolls back what was not committed.
    client.release(true);
    await connection.close();
  };
  const copy = copyFrom(statements.copyParts);
  copy.on('error', (error) => {
    failure = error;
  });
  client.on('error', (error) => {
    failure = error;
  });
  try {
    await attempt('prepare the import', async () => {
      await client.query('BEGIN');
      await client.query(statements.createParts);
      client.query(copy);
    });
  } catch (error) {
    await end();
    throw error;
  }

  return {
    write: (group, parts) =>
      attempt('store the rows of the import', async () => {
        if (failure !== null) throw failure;
        const text = parts.map((part) => lineOf(group, part)).join('');
        if (text !== '' && !copy.write(text)) await Promise.race([once(copy, 'drain'), once(copy, 'error')]);
        if (failure !== null) throw failure;
      }),

    finish: (files, widthsMs, quiet) =>
      attempt('merge the import into the bins', async () => {
        if (!open) throw new PamError('REJECTED', 'this import has ended already');
        try {
          if (failure !== null) throw failure;
          const done = once(copy, 'finish');
          copy.end();
          await done;
          await client.query('ANALYZE pg_temp.parts');
          await client.query(statements.mergeParts, [[...widthsMs.keys()], [...widthsMs.values()]]);
          if (quiet !== null)
            await client.query(statements.addQuietBins, [quiet.source, quiet.binMs, quiet.silenceMs]);
          await client.query(statements.indexMerged);
          await client.query('ANALYZE pg_temp.merged');
          await client.query(statements.removeOverlapped);
          await client.query(statements.upsertMerged);
          await client.query(statements.recordFiles, columnsOf(files));
          const { rows } = await client.query<ImportedCategory>(statements.summarize);
          await client.query('COMMIT');
          return rows;
        } finally {
          await end();
        }
      }),

    abandon: end,
  };
}

/** One line of COPY's text format. Sources are free text, so they are escaped. */
function lineOf(group: number, part: BinPart): string {
  const cells = [
    group,
    part.category,
    part.source.replace(/[\\\t\n\r]/g, escapeOf),
    part.startMs,
    part.requests,
    part.busySeconds ?? '\\N',
    part.latencySumMs,
    part.latencyRequests,
    part.errors ?? '\\N',
  ];
  return `${cells.join('\t')}\n`;
}

function escapeOf(character: string): string {
  return { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' }[character] ?? character;
}

function columnsOf(files: readonly ImportedFile[]): unknown[] {
  return [
    files.map((file) => file.file),
    files.map((file) => file.shape),
    files.map((file) => file.rows),
    files.map((file) => file.badRows),
    files.map(({ fromMs }) => (Number.isFinite(fromMs) ? fromMs : null)),
    files.map(({ toMs }) => (Number.isFinite(toMs) ? toMs : null)),
  ];
}
