/** Files and the rules of the import enter; parts of bins go to a sink, what was found in each file leaves. */
import { BinAccumulator, type BinPart } from '../../../core/demand/import/binAccumulator';
import { type ImportField, type ImportShape, recognizeColumns } from '../../../core/demand/import/columns';
import { createObservationReader, type Observation } from '../../../core/demand/import/observation';
import { PamError } from '../../../core/errors';
import type { AmbiguousTime } from '../../../core/time/timestamps';
import type { WallClock } from '../../../core/time/wallClock';
import { openByteStream } from './byteStream';
import { type FileFormat, readRecords } from './records';

export interface ImportRules {
  readonly files: readonly string[];
  readonly format: FileFormat | 'auto';
  readonly category: string | null;
  readonly rename: ReadonlyMap<string, string>;
  /** Width of the bins, ms; null = one minute for requests, as they are for counts. */
  readonly binMs: number | null;
  readonly clock: WallClock | null;
  readonly ambiguous: AmbiguousTime;
  readonly source: string;
  readonly map: ReadonlyMap<ImportField, string>;
}

export interface ReadFile {
  readonly file: string;
  readonly shape: ImportShape;
  readonly rows: number;
  readonly badRows: number;
  /** Width of its bins, ms; null = too few rows to tell, taken for the category's own. */
  readonly widthMs: number | null;
  /** First and last time in it, ms. */
  readonly fromMs: number;
  readonly toMs: number;
}

export interface ImportObserver {
  /** Where parts go; see `BinImport.write`. */
  write(group: number, parts: readonly BinPart[]): Promise<void>;
  bad(file: string, line: number, reason: string): void;
  /** Called now and then. */
  progress(file: string, rows: number): void;
}

export interface ReadFiles {
  readonly files: readonly ReadFile[];
  readonly shape: ImportShape;
  /** Width of the bins of each group, ms. */
  readonly widthsMs: ReadonlyMap<number, number | null>;
}

/** Characters of a reason, which may quote what was found. */
const longestReason = 300;
const requestBinMs = 60_000;
const widestBinMs = 86_400_000;
/** Two rows ten minutes apart may be bins of a minute with gaps: fewer steps than this do not tell the width. */
const stepsThatTell = 10;

/**
 * Reads every file once, in memory that does not grow with them. Throws PamError INVALID_DATA for a file that is not
 * what it should be and where no file has a good row; single bad rows go to `observer.bad`.
 */
export async function importFiles(rules: ImportRules, observer: ImportObserver): Promise<ReadFiles> {
  const files: ReadFile[] = [];
  const widthsMs = new Map<number, number | null>();
  let firstBad: string | null = null;
  const watched: ImportObserver = {
    ...observer,
    bad(file, line, reason) {
      const shown = reason.length > longestReason ? `${reason.slice(0, longestReason)}…` : reason;
      firstBad ??= `line ${line}: ${shown}`;
      observer.bad(file, line, shown);
    },
  };
  for (const [index, file] of rules.files.entries()) {
    const read = await importFile(file, index, rules, watched);
    const other = files.find(({ shape }) => shape !== read.shape);
    if (other !== undefined)
      throw new PamError(
        'INVALID_INPUT',
        `${other.file} has ${other.shape} and ${read.file} has ${read.shape}: import them one after the other`,
      );
    files.push(read);
    widthsMs.set(groupOf(read.shape, index), read.widthMs);
  }
  const shape = files[0]?.shape;
  if (shape === undefined || files.every(({ rows }) => rows === 0))
    throw new PamError(
      'INVALID_DATA',
      `no good row in ${rules.files.join(', ')}, so nothing was stored${firstBad === null ? '' : `: ${firstBad}`}`,
    );
  return { files: files.filter(({ rows, badRows }) => rows + badRows > 0), shape, widthsMs };
}

/** Logs of requests add up; of two files that count the same bin the later one counts. */
const groupOf = (shape: ImportShape, index: number) => (shape === 'requests' ? 0 : index + 1);

async function importFile(
  file: string,
  index: number,
  rules: ImportRules,
  observer: ImportObserver,
): Promise<ReadFile> {
  const stream = await openByteStream(file);
  const { names, records } = await readRecords(stream, rules.format);
  const columns = recognizeColumns(names, rules.map, stream.name);
  const { shape } = columns;
  const binMs = rules.binMs ?? (shape === 'requests' ? requestBinMs : null);
  const readObservation = createObservationReader({
    columns,
    timestamps: { clock: rules.clock, ambiguous: rules.ambiguous },
    category: rules.category,
    rename: rules.rename,
    source: rules.source,
  });
  const accumulator = new BinAccumulator(binMs);
  const found = new FileFindings();
  let lastLine = 1;
  for await (const batch of records) {
    for (const record of batch) {
      lastLine = record.line;
      const observed = 'bad' in record ? record.bad : readObservation(record.read);
      if (typeof observed === 'string') {
        found.badRows++;
        observer.bad(stream.name, record.line, observed);
        continue;
      }
      found.good(observed);
      accumulator.add(observed);
      if (accumulator.full) await observer.write(groupOf(shape, index), accumulator.take());
    }
    observer.progress(stream.name, found.rows);
  }
  await observer.write(groupOf(shape, index), accumulator.take());
  const broken = stream.broken();
  if (broken !== null) {
    found.badRows++;
    observer.bad(
      stream.name,
      Math.max(lastLine, found.rows + found.badRows + 1),
      `${broken}; read up to here`,
    );
  }
  const widthMs = binMs ?? found.stepMs;
  if (widthMs !== null && widthMs > widestBinMs)
    throw new PamError(
      'INVALID_DATA',
      `${stream.name}: its bins are ${widthMs / 3_600_000} hours wide: expected at most a day`,
    );
  return {
    file: stream.name,
    shape,
    rows: found.rows,
    badRows: found.badRows,
    widthMs,
    fromMs: found.fromMs,
    toMs: found.toMs,
  };
}

class FileFindings {
  rows = 0;
  badRows = 0;
  fromMs = Number.POSITIVE_INFINITY;
  toMs = Number.NEGATIVE_INFINITY;
  private smallestStepMs = Number.POSITIVE_INFINITY;
  private steps = 0;
  private previousMs: number | null = null;

  good({ atMs }: Observation): void {
    this.rows++;
    if (atMs < this.fromMs) this.fromMs = atMs;
    if (atMs > this.toMs) this.toMs = atMs;
    const stepMs = this.previousMs === null ? 0 : atMs - this.previousMs;
    if (stepMs > 0) {
      this.steps++;
      this.smallestStepMs = Math.min(this.smallestStepMs, stepMs);
    }
    this.previousMs = atMs;
  }

  /** Smallest step from one row's time to the next one's, ms: the width of the bins of a file of counts. */
  get stepMs(): number | null {
    return this.steps < stepsThatTell ? null : this.smallestStepMs;
  }
}
