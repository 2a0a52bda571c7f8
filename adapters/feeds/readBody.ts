/** The bytes of an answer or file, packed or not → its text. Refuses more than `maxBytes`. */
import type { Readable, Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { PamError } from '../../core/errors';

/** Counts unpacked bytes, so that a small packed answer cannot fill the memory. Throws PamError INVALID_DATA. */
export async function readBody(
  stream: Readable,
  encoding: string,
  maxBytes: number,
  signal?: AbortSignal,
): Promise<Buffer> {
  const unpacked = unpack(stream, encoding);
  const stop = () => unpacked.destroy(signal?.reason);
  signal?.addEventListener('abort', stop, { once: true });
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of unpacked as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maxBytes) throw tooLarge(maxBytes);
      chunks.push(chunk);
    }
  } finally {
    signal?.removeEventListener('abort', stop);
    unpacked.destroy();
    stream.destroy();
  }
  return Buffer.concat(chunks);
}

export function tooLarge(maxBytes: number): PamError {
  return new PamError('INVALID_DATA', `is larger than ${maxBytes} bytes; "maxBytes" sets how much is read`);
}

function unpack(stream: Readable, encoding: string): Readable {
  const name = encoding.trim().toLowerCase();
  if (name === '' || name === 'identity') return stream;
  const unpacker = unpackerOf(name);
  // An error of the source ends the reading of the result.
  stream.once('error', (error) => unpacker.destroy(error));
  return stream.pipe(unpacker);
}

function unpackerOf(name: string): Transform {
  if (name === 'gzip' || name === 'x-gzip') return createGunzip();
  if (name === 'deflate') return createInflate();
  if (name === 'br') return createBrotliDecompress();
  throw new PamError(
    'INVALID_DATA',
    `has the content encoding "${name}": expected gzip, deflate, br or none`,
  );
}

/** Charset by byte order mark, the answer’s header, or the XML declaration; else UTF-8. */
export function decodeText(bytes: Buffer, contentType: string): string {
  const mark =
    bytes[0] === 0xff && bytes[1] === 0xfe
      ? 'utf-16le'
      : bytes[0] === 0xfe && bytes[1] === 0xff
        ? 'utf-16be'
        : null;
  const declared =
    /charset\s*=\s*"?([\w.:-]+)/i.exec(contentType)?.[1] ??
    /^\s*<\?xml[^>]*encoding\s*=\s*["']([\w.:-]+)["']/i.exec(bytes.subarray(0, 200).toString('latin1'))?.[1];
  return decoder(mark ?? declared ?? 'utf-8').decode(bytes);
}

function decoder(charset: string) {
  try {
    return new TextDecoder(charset);
  } catch {
    return new TextDecoder();
  }
}
