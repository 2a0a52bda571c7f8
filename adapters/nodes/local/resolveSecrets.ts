/**
 * References to secrets → their values, read at the moment when a process is started and given to it only. Nothing else
 * gets a value: not the store, Pulumi's state, a log or a message.
 */
import type { FileHandle } from 'node:fs/promises';
import { PamError } from '../../../core/errors';
import { refusal } from '../../../core/policy/refusals';
import type { SecretReference } from '../../../core/policy/schema';
import { hasCode } from '../../../core/thrown';
import { openWithin } from '../../files/openWithin';

const mostBytes = 65_536;

/**
 * @param folders that files may be in; null = any.
 * @throws PamError NOT_FOUND, DENIED or INVALID_DATA with the name and the reference, never with a value.
 */
export async function resolveSecrets(
  references: Readonly<Record<string, SecretReference>>,
  folders: readonly string[] | null,
): Promise<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const [name, from] of Object.entries(references))
    values[name] = await secretOf(`local.envFrom.${name}`, from, folders);
  return values;
}

async function secretOf(
  field: string,
  from: SecretReference,
  folders: readonly string[] | null,
): Promise<string> {
  if ('variable' in from) {
    const value = process.env[from.variable];
    if (value === undefined)
      throw new PamError('NOT_FOUND', `${field}: the worker has no environment variable ${from.variable}`);
    return value;
  }
  if (!('file' in from))
    throw new PamError('INVALID_INPUT', `${field}: expected {"variable":"NAME"} or {"file":"/path"}`);
  const { file } = from;
  let handle: FileHandle | null = null;
  try {
    handle = await openWithin(
      file,
      folders,
      (why) => new PamError('DENIED', refusal(why, 'secrets.folders')),
    );
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(mostBytes + 1), 0, mostBytes + 1, 0);
    if (bytesRead > mostBytes) throw new PamError('INVALID_DATA', `is larger than ${mostBytes} bytes`);
    const text = buffer.toString('utf8', 0, bytesRead).replace(/\r?\n$/, '');
    if (text.includes('\0')) throw new PamError('INVALID_DATA', 'has a NUL, which no variable can have');
    return text;
  } catch (error) {
    if (error instanceof PamError) throw new PamError(error.code, `${field}: ${file} ${error.message}`);
    if (hasCode(error, 'ENOENT')) throw new PamError('NOT_FOUND', `${field}: there is no file ${file}`);
    throw new PamError('DENIED', `${field}: ${file} can't be read by the worker`);
  } finally {
    await handle?.close();
  }
}
