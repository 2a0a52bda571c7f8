/** References to keys in the configuration → the keys. A key itself stands in no configuration, history or log. */
import { readFileSync } from 'node:fs';
import { PamError } from '../../../core/errors';
import { messageOf } from '../../../core/thrown';

export interface EncryptionKeyReference {
  readonly id: string;
  /** Environment variable with the key. */
  readonly env?: string | undefined;
  /** File with the key. */
  readonly file?: string | undefined;
}

export interface EncryptionKey {
  readonly id: string;
  /** 32 bytes. */
  readonly key: Buffer;
}

const keyBytes = 32;

/** Throws PamError INVALID_CONFIG, naming the reference and never the key. */
export function readKeys(
  references: readonly EncryptionKeyReference[],
  env: NodeJS.ProcessEnv = process.env,
): EncryptionKey[] {
  return references.map(({ id, env: variable, file }) => {
    const from = variable ?? file ?? '';
    const where = `temporal.encryption: key "${id}" (${from})`;
    const text = variable === undefined ? textOf(file ?? '', where) : env[variable];
    if (text === undefined || text.trim() === '')
      throw new PamError('INVALID_CONFIG', `${where}: is not set: expected ${keyBytes} bytes in base64`);
    const key = bytesOf(text.trim());
    if (key?.length !== keyBytes)
      throw new PamError(
        'INVALID_CONFIG',
        `${where}: expected ${keyBytes} bytes in base64 or hexadecimal, such as those of "openssl rand -base64 32"`,
      );
    return { id, key };
  });
}

function textOf(file: string, where: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new PamError('INVALID_CONFIG', `${where}: ${messageOf(error)}`);
  }
}

function bytesOf(text: string): Buffer | null {
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, 'hex');
  return /^[\w+/-]{43}=?$/.test(text) ? Buffer.from(text, 'base64') : null;
}
