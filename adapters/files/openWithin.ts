/**
 * A path that somebody else names and the folders that it may be in → the file, opened for reading. Links are followed
 * first, and what is opened is what was checked.
 */
import { constants } from 'node:fs';
import { type FileHandle, open, readlink, realpath } from 'node:fs/promises';
import { PamError } from '../../core/errors';
import { isWithin } from '../../core/policy/refusals';
import { hasCode } from '../../core/thrown';

/** Not files but views into the kernel and other processes, whatever is allowed. */
const neverRead = ['/proc', '/sys', '/dev'];

/**
 * @param folders absolute; null = any, for who may name any file anyway.
 * @param refuse what is thrown for a file in none of the folders, from a reason that follows its path.
 * @throws PamError DENIED, INVALID_DATA for what is no file, or the error of the operating system.
 */
export async function openWithin(
  path: string,
  folders: readonly string[] | null,
  refuse: (why: string) => PamError,
): Promise<FileHandle> {
  if (folders !== null && !folders.some((folder) => isWithin(path, folder)))
    throw refuse('is in no folder that is allowed');
  const real = await realpath(path);
  await checkReal(real, folders, refuse);
  // Without blocking: a pipe that nobody writes to would hold a thread for ever.
  const handle = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    // A folder on the way may have become a link since it was resolved.
    await checkReal(await placeOf(handle, real), folders, refuse);
    if (!(await handle.stat()).isFile()) throw new PamError('INVALID_DATA', 'is not a file');
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function checkReal(
  real: string,
  folders: readonly string[] | null,
  refuse: (why: string) => PamError,
): Promise<void> {
  if (neverRead.some((folder) => isWithin(real, folder)))
    throw new PamError('DENIED', `leads to ${real}, which is never read`);
  if (folders === null) return;
  const resolved = await Promise.all(folders.map((folder) => realpath(folder).catch(() => folder)));
  if (!resolved.some((folder) => isWithin(real, folder)))
    throw refuse(`leads to ${real}, which is in no folder that is allowed`);
}

/** Where the kernel says that the open file is; where it does not say, where it was. */
async function placeOf(handle: FileHandle, resolved: string): Promise<string> {
  return readlink(`/proc/self/fd/${handle.fd}`).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return resolved;
    throw error;
  });
}
