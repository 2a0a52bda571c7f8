/** The configuration's keys → how payloads are written and read; null where they are not encrypted. */
import type { DataConverter } from '@temporalio/common';
import { PamError } from '../../../core/errors';
import { EncryptingCodec } from './encryptingCodec';
import { type EncryptionKeyReference, readKeys } from './keys';

export interface Encryption {
  /** The first encrypts, all decrypt. */
  readonly keys: readonly EncryptionKeyReference[];
}

/** A module of its own, because a worker bundles it with the workflows. */
export const failureConverterPath = require.resolve('./failureConverter');

/** Throws PamError INVALID_CONFIG if a key is missing. */
export function dataConverter(encryption: Encryption | undefined): DataConverter | null {
  return encryption === undefined ? null : { payloadCodecs: [codecOf(encryption)], failureConverterPath };
}

export function codecOf({ keys }: Encryption): EncryptingCodec {
  const ids = keys.map(({ id }) => id);
  if (new Set(ids).size < ids.length)
    throw new PamError(
      'INVALID_CONFIG',
      `temporal.encryption.keys: expected ids that differ, got ${ids.join(', ')}`,
    );
  return new EncryptingCodec(readKeys(keys));
}
