/** The path of a feed on the worker’s machine → its content, or null if the file has not changed. */
import type { FileHandle } from 'node:fs/promises';
import { PamError } from '../../core/errors';
import type { FeedDefinition } from '../../core/events/feed';
import { refusal } from '../../core/policy/refusals';
import type { Policy } from '../../core/policy/schema';
import { hasCode, messageOf } from '../../core/thrown';
import type { FeedContent, FeedValidators } from '../../ports/feedSource';
import { openWithin } from '../files/openWithin';
import { decodeText, readBody } from './readBody';

/** Unpacks gzip. Throws PamError NOT_FOUND, DENIED or INVALID_DATA. */
export async function fetchFile(
  feed: Pick<FeedDefinition, 'name' | 'maxBytes' | 'timeout'> & { readonly file: string },
  known: FeedValidators | null,
  policy?: Policy,
): Promise<FeedContent | null> {
  const place = `feed "${feed.name}": ${feed.file}`;
  let handle: FileHandle | null = null;
  try {
    handle = await openWithin(
      feed.file,
      policy === undefined ? null : policy.feeds.folders,
      (why) =>
        new PamError('DENIED', refusal(`${why}: ${policy?.feeds.folders.join(', ')}`, 'feeds.folders')),
    );
    const { size, mtimeMs, ino } = await handle.stat();
    const etag = `${ino}-${size}-${mtimeMs}`;
    if (known?.etag === etag) return null;
    const packing = (await isGzip(handle)) ? 'gzip' : '';
    const bytes = await readBody(
      handle.createReadStream({ start: 0, autoClose: false }),
      packing,
      feed.maxBytes,
      AbortSignal.timeout(feed.timeout),
    );
    return { text: decodeText(bytes, ''), bytes: bytes.length, etag, lastModified: null };
  } catch (error) {
    if (error instanceof PamError) throw new PamError(error.code, `${place} ${error.message}`);
    if (hasCode(error, 'ENOENT')) throw new PamError('NOT_FOUND', `${place}: there is no such file`);
    if (hasCode(error, 'EACCES')) throw new PamError('DENIED', `${place}: not allowed to read it`);
    throw new PamError('INVALID_DATA', `${place}: ${messageOf(error)}`);
  } finally {
    await handle?.close().catch(() => undefined);
  }
}

async function isGzip(handle: FileHandle): Promise<boolean> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0);
  return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
}
