/** The path of a feed on the worker’s machine → its content, or null if the file has not changed. */
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { PamError } from '../../core/errors';
import type { FeedDefinition } from '../../core/events/feed';
import { hasCode, messageOf } from '../../core/thrown';
import type { FeedContent, FeedValidators } from '../../ports/feedSource';
import { decodeText, readBody } from './readBody';

/** Unpacks gzip. Throws PamError NOT_FOUND, DENIED or INVALID_DATA. */
export async function fetchFile(
  feed: Pick<FeedDefinition, 'name' | 'maxBytes' | 'timeout'> & { readonly file: string },
  known: FeedValidators | null,
): Promise<FeedContent | null> {
  const place = `feed "${feed.name}": ${feed.file}`;
  try {
    const { size, mtimeMs, ino } = await stat(feed.file).then((found) => {
      // A pipe or device may never end.
      if (!found.isFile()) throw new PamError('INVALID_DATA', 'is not a file');
      return found;
    });
    const etag = `${ino}-${size}-${mtimeMs}`;
    if (known?.etag === etag) return null;
    const bytes = await readBody(
      createReadStream(feed.file),
      (await isGzip(feed.file)) ? 'gzip' : '',
      feed.maxBytes,
      AbortSignal.timeout(feed.timeout),
    );
    return { text: decodeText(bytes, ''), bytes: bytes.length, etag, lastModified: null };
  } catch (error) {
    if (error instanceof PamError) throw new PamError(error.code, `${place} ${error.message}`);
    if (hasCode(error, 'ENOENT')) throw new PamError('NOT_FOUND', `${place}: there is no such file`);
    if (hasCode(error, 'EACCES')) throw new PamError('DENIED', `${place}: not allowed to read it`);
    throw new PamError('INVALID_DATA', `${place}: ${messageOf(error)}`);
  }
}

async function isGzip(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await handle.close();
  }
}
