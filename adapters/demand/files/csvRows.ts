/**
 * Lines of CSV enter, rows leave. Lines with a quote go to the CSV library, line by line, so that a quote which is
 * never closed costs its own line and not the rest of the file.
 */
import { CsvError, parse } from 'csv-parse/sync';
import type { FileRecord } from './fileRecord';
import type { TextLine } from './textLines';

/** A quoted field may go on over this many lines; beyond it, its quote counts as never closed. */
const mostLinesOfARecord = 50;
/** Characters over more than one line, for the same reason; also what all attempts to find its end may read. */
const longestRecord = 200_000;

export class CsvRows {
  /** Names of the columns, from the header. */
  readonly names: readonly string[];
  private readonly delimiter: string;
  private readonly position: ReadonlyMap<string, number>;
  /** Lines whose record may go on in the next batch. */
  private pending: TextLine[] = [];

  constructor(header: string) {
    this.delimiter = delimiterOf(header);
    this.names = (this.parse(header) ?? [header]).map((name) => name.trim());
    this.position = new Map(this.names.map((name, index) => [name, index]));
  }

  /** The rows that are complete with this batch of lines. */
  take(lines: readonly TextLine[]): FileRecord[] {
    return this.rows(this.pending.length === 0 ? lines : [...this.pending, ...lines], false);
  }

  /** The rows that were waiting for more lines. */
  end(): FileRecord[] {
    return this.rows(this.pending, true);
  }

  private rows(lines: readonly TextLine[], ended: boolean): FileRecord[] {
    const rows: FileRecord[] = [];
    this.pending = [];
    for (let index = 0; index < lines.length; index++) {
      const { line, text, bad } = lines[index]!;
      if (bad !== undefined) {
        rows.push({ line, bad });
        continue;
      }
      if (text.trim() === '') continue;
      const fields = text.includes('"') ? this.parse(text) : text.split(this.delimiter);
      if (fields !== null) {
        rows.push(this.row(line, fields));
        continue;
      }
      const more = this.parseOver(lines, index);
      if (more !== null) {
        rows.push(this.row(line, more.fields));
        index += more.lines - 1;
      } else if (ended || this.endsWithin(lines, index)) {
        rows.push({ line, bad: 'a quote that is opened here is not closed' });
      } else {
        this.pending = lines.slice(index);
        break;
      }
    }
    return rows;
  }

  /** The record that begins at `from` and goes on over more than one line; null when there is none. */
  private parseOver(lines: readonly TextLine[], from: number): { fields: string[]; lines: number } | null {
    let text = lines[from]!.text;
    let parsed = 0;
    for (let count = 2; count <= mostLinesOfARecord && from + count <= lines.length; count++) {
      const { text: next, bad } = lines[from + count - 1]!;
      text += `\n${next}`;
      if (bad !== undefined || text.length > longestRecord) return null;
      // Only a line with a quote can close one.
      if (!next.includes('"')) continue;
      // Each attempt parses all of it again: a quote in each of many long lines would be quadratic work.
      parsed += text.length;
      if (parsed > longestRecord) return null;
      const fields = this.parse(text);
      if (fields !== null) return fields.length === this.names.length ? { fields, lines: count } : null;
    }
    return null;
  }

  /** Whether a record that begins at `from` can't go on beyond these lines. */
  private endsWithin(lines: readonly TextLine[], from: number): boolean {
    let length = 0;
    for (let index = from; index < lines.length; index++) {
      const { text, bad } = lines[index]!;
      length += text.length + 1;
      if (bad !== undefined || length > longestRecord || index - from >= mostLinesOfARecord) return true;
    }
    return false;
  }

  /** The fields of one record; null when a quote stays open. */
  private parse(text: string): string[] | null {
    try {
      const records: string[][] = parse(text, {
        delimiter: this.delimiter,
        relax_quotes: true,
        relax_column_count: true,
      });
      return records[0] ?? [];
    } catch (error) {
      if (error instanceof CsvError) return null;
      throw error;
    }
  }

  private row(line: number, fields: readonly string[]): FileRecord {
    if (fields.length !== this.names.length)
      return { line, bad: `${fields.length} columns where the header has ${this.names.length}` };
    return { line, read: (column) => fields[this.position.get(column) ?? -1] };
  }
}

/** The one of comma, semicolon, tab and bar that the header has most of. */
function delimiterOf(header: string): string {
  const count = (delimiter: string) => header.split(delimiter).length;
  return [',', ';', '\t', '|'].reduce((best, delimiter) =>
    count(delimiter) > count(best) ? delimiter : best,
  );
}
