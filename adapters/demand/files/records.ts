/** Lines of CSV or NDJSON enter, rows with the line that each begins at leave; one that can't be parsed is a bad row. */
import { PamError } from '../../../core/errors';
import type { ByteStream } from './byteStream';
import { CsvRows } from './csvRows';
import type { FileRecord } from './fileRecord';
import { jsonRow, keysOf } from './jsonRow';
import { type TextLine, textLines } from './textLines';

export type FileFormat = 'csv' | 'ndjson';

export interface RecordFile {
  /** Names of the columns. */
  readonly names: readonly string[];
  /** In batches, in the order of the file. */
  readonly records: AsyncIterable<FileRecord[]>;
}

/** `auto` = NDJSON when the content begins with `{`. Throws PamError INVALID_DATA for a file without content. */
export async function readRecords(stream: ByteStream, format: FileFormat | 'auto'): Promise<RecordFile> {
  const beginning = stream.beginning
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trimStart();
  const lines = textLines(stream);
  const first = await firstContent(lines);
  if (first === null) {
    const broken = stream.broken();
    throw new PamError('INVALID_DATA', `${stream.name} is empty${broken === null ? '' : `: ${broken}`}`);
  }
  const [{ line, bad } = { line: 1, bad: undefined }] = first;
  if (bad !== undefined)
    throw new PamError(
      'INVALID_DATA',
      `${stream.name}:${line}: ${bad}: expected a header or a row of NDJSON`,
    );
  const isJson = format === 'ndjson' || (format === 'auto' && beginning.startsWith('{'));
  return isJson ? readJson(first, lines) : readCsv(first, lines);
}

/** The first batch with something in it, from the first line that is not blank. */
async function firstContent(lines: AsyncGenerator<TextLine[]>): Promise<TextLine[] | null> {
  for (let next = await lines.next(); !next.done; next = await lines.next()) {
    const start = next.value.findIndex(({ text, bad }) => bad !== undefined || text.trim() !== '');
    if (start >= 0) return next.value.slice(start);
  }
  return null;
}

function readCsv(first: TextLine[], lines: AsyncGenerator<TextLine[]>): RecordFile {
  const [header, ...rest] = first;
  const rows = new CsvRows(header?.text ?? '');
  async function* records(): AsyncGenerator<FileRecord[]> {
    yield rows.take(rest);
    for await (const batch of lines) yield rows.take(batch);
    yield rows.end();
  }
  return { names: rows.names, records: records() };
}

/** The columns are the keys of the first chunk: a key that comes only later is not read. */
function readJson(first: TextLine[], lines: AsyncGenerator<TextLine[]>): RecordFile {
  async function* records(): AsyncGenerator<FileRecord[]> {
    yield first.flatMap(jsonRow);
    for await (const batch of lines) yield batch.flatMap(jsonRow);
  }
  return { names: keysOf(first), records: records() };
}
