/**
 * A file or standard input enters, its bytes leave: unpacked if they were gzip (by the first bytes, not by the name).
 * What a broken file still holds is read up to its last whole line.
 */
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { PamError } from '../../../core/errors';
import { messageOf } from '../../../core/thrown';

export interface ByteStream {
  /** The name for messages: the path, or `(standard input)`. */
  readonly name: string;
  /** The beginning of the content, for guessing what it is; empty for an empty file. */
  readonly beginning: Buffer;
  /** Whole lines; null stands for one line that is longer than `longestLine`. */
  readonly bytes: AsyncIterable<Buffer | null>;
  /** Why the content ended before its end; null when it was whole. Known once `bytes` has been read. */
  broken(): string | null;
}

/** Bytes. A longer line is no row of anything, and would fill the memory. */
export const longestLine = 1_000_000;

const newline = 0x0a;
const foreign: readonly (readonly [string, Buffer])[] = [
  ['a zip archive', Buffer.from('504b0304', 'hex')],
  ['zstd', Buffer.from('28b52ffd', 'hex')],
  ['bzip2', Buffer.from('425a68', 'hex')],
  ['xz', Buffer.from('fd377a58', 'hex')],
  ['Parquet', Buffer.from('50415231', 'hex')],
  ['UTF-16 text', Buffer.from('fffe', 'hex')],
  ['UTF-16 text', Buffer.from('feff', 'hex')],
];

/** `file` `-` is standard input. Throws PamError NOT_FOUND, DENIED or INVALID_DATA. */
export async function openByteStream(file: string, stdin: Readable = process.stdin): Promise<ByteStream> {
  const name = file === '-' ? '(standard input)' : file;
  const raw = await peek(file === '-' ? stdin : createReadStream(file), name);
  const kind = foreign.find(([, magic]) => raw.beginning.subarray(0, magic.length).equals(magic));
  if (kind !== undefined)
    throw new PamError('INVALID_DATA', `${name} is ${kind[0]}: expected UTF-8 text, plain or gzip`);
  let failure: string | null = null;
  const gzipped = raw.beginning[0] === 0x1f && raw.beginning[1] === 0x8b;
  const content = gzipped ? unpack(raw.all, name) : raw.all;
  const whole = wholeLines(content, (error) => {
    failure = `${gzipped ? 'the gzip data is damaged or cut off' : 'reading failed'} (${error.message})`;
  });
  const { beginning, all } = await peek(whole, name);
  return { name, beginning: beginning ?? Buffer.alloc(0), bytes: all, broken: () => failure };
}

/** Logs shrink to a fiftieth, uniform ones to a two-hundredth; zeros to a thousandth. */
const largestRatio = 500;
const bytesBeforeARatioCounts = 64_000_000;

/** Unpacks as it is read. Throws PamError INVALID_DATA for what unpacks to far more than a log does. */
async function* unpack(packed: AsyncIterable<Buffer>, name: string): AsyncGenerator<Buffer> {
  const gunzip = createGunzip();
  let packedBytes = 0;
  async function* counted() {
    for await (const chunk of packed) {
      packedBytes += chunk.length;
      yield chunk;
    }
  }
  Readable.from(counted())
    .on('error', (error) => gunzip.destroy(error))
    .pipe(gunzip);
  let bytes = 0;
  for await (const chunk of gunzip as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bytesBeforeARatioCounts && bytes > packedBytes * largestRatio)
      throw new PamError(
        'INVALID_DATA',
        `${name} unpacks to more than ${largestRatio} times its size: it is no log; nothing of it was stored`,
      );
    yield chunk;
  }
}

/** A line that was cut off would be read as another number: after a failure only whole lines leave. */
async function* wholeLines(
  chunks: AsyncIterable<Buffer>,
  failed: (error: Error) => void,
): AsyncGenerator<Buffer | null> {
  let held: Buffer[] = [];
  let heldBytes = 0;
  let skipping = false;
  try {
    for await (const read of chunks) {
      let chunk = read;
      if (skipping) {
        const end = chunk.indexOf(newline) + 1;
        if (end === 0) continue;
        skipping = false;
        chunk = chunk.subarray(end);
      }
      const end = chunk.lastIndexOf(newline) + 1;
      if (heldBytes + (end > 0 ? chunk.indexOf(newline) : chunk.length) > longestLine) {
        yield null;
        [held, heldBytes] = [[], 0];
        skipping = end === 0;
        if (!skipping) chunk = chunk.subarray(chunk.indexOf(newline) + 1);
        else continue;
      }
      const whole = chunk.lastIndexOf(newline) + 1;
      if (whole > 0) {
        yield heldBytes === 0 ? chunk.subarray(0, whole) : Buffer.concat([...held, chunk.subarray(0, whole)]);
        [held, heldBytes] = [[], 0];
      }
      if (whole < chunk.length) {
        held.push(chunk.subarray(whole));
        heldBytes += chunk.length - whole;
      }
    }
  } catch (error) {
    if (error instanceof PamError) throw error;
    failed(error instanceof Error ? error : new Error(String(error)));
    return;
  }
  if (heldBytes > 0) yield Buffer.concat(held);
}

async function peek<Chunk extends Buffer | null>(
  chunks: AsyncIterable<Chunk>,
  name: string,
): Promise<{ beginning: Chunk | Buffer; all: AsyncIterable<Chunk> }> {
  const iterator = chunks[Symbol.asyncIterator]();
  let first: IteratorResult<Chunk>;
  try {
    first = await iterator.next();
  } catch (error) {
    throw unreadable(error, name);
  }
  const beginning = first.done ? Buffer.alloc(0) : first.value;
  async function* all() {
    if (first.done) return;
    yield first.value;
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
  }
  return { beginning, all: all() };
}

function unreadable(error: unknown, name: string): PamError {
  if (error instanceof PamError) return error;
  const code = error !== null && typeof error === 'object' && 'code' in error ? error.code : '';
  if (code === 'ENOENT') return new PamError('NOT_FOUND', `${name}: there is no such file`);
  if (code === 'EACCES') return new PamError('DENIED', `${name}: not allowed to read it`);
  if (code === 'EISDIR') return new PamError('INVALID_INPUT', `${name} is a folder: expected a file`);
  const message = messageOf(error);
  return new PamError('INVALID_DATA', `${name}: ${message}`);
}
