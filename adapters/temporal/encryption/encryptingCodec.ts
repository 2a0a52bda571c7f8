/**
 * Payloads → the same, encrypted with AES-256-GCM, and back. The id of the key stands beside each, so keys can be
 * replaced: the first one encrypts, all of them decrypt. The layout (12 bytes nonce, ciphertext, 16 bytes tag) and the
 * metadata are those of Temporal's samples.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Payload, PayloadCodec } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import { PamError } from '../../../core/errors';
import type { EncryptionKey } from './keys';

const encoding = 'binary/encrypted';
const cipher = 'aes-256-gcm';
const [nonceBytes, tagBytes] = [12, 16];
const { Payload: PayloadMessage } = temporal.api.common.v1;

export class EncryptingCodec implements PayloadCodec {
  private readonly byId: ReadonlyMap<string, Buffer>;
  private readonly first: EncryptionKey;

  constructor(keys: readonly EncryptionKey[]) {
    const [first] = keys;
    if (first === undefined)
      throw new PamError('INVALID_CONFIG', 'temporal.encryption.keys: expected at least one key');
    this.first = first;
    this.byId = new Map(keys.map(({ id, key }) => [id, key]));
  }

  async encode(payloads: Payload[]): Promise<Payload[]> {
    return payloads.map((payload) => {
      const nonce = randomBytes(nonceBytes);
      const encrypt = createCipheriv(cipher, this.first.key, nonce);
      const plain = PayloadMessage.encode(payload).finish();
      return {
        metadata: {
          encoding: Buffer.from(encoding),
          'encryption-cipher': Buffer.from('AES-256-GCM'),
          'encryption-key-id': Buffer.from(this.first.id),
        },
        data: Buffer.concat([nonce, encrypt.update(plain), encrypt.final(), encrypt.getAuthTag()]),
      };
    });
  }

  /** What is not encrypted stays as it is: it was written before encryption was on. */
  async decode(payloads: Payload[]): Promise<Payload[]> {
    return payloads.map((payload) =>
      textOf(payload, 'encoding') === encoding ? this.decrypted(payload) : payload,
    );
  }

  private decrypted(payload: Payload): Payload {
    const id = textOf(payload, 'encryption-key-id');
    const key = this.byId.get(id);
    if (key === undefined)
      throw new PamError(
        'DENIED',
        `a payload is encrypted with the key "${id}", which is not among temporal.encryption.keys (${[...this.byId.keys()].join(', ')})`,
      );
    const data = Buffer.from(payload.data ?? []);
    try {
      const decrypt = createDecipheriv(cipher, key, data.subarray(0, nonceBytes));
      decrypt.setAuthTag(data.subarray(data.length - tagBytes));
      const plain = Buffer.concat([
        decrypt.update(data.subarray(nonceBytes, data.length - tagBytes)),
        decrypt.final(),
      ]);
      return PayloadMessage.decode(plain);
    } catch {
      throw new PamError(
        'DENIED',
        `a payload can't be decrypted with the key "${id}": the key is not the one that encrypted it, or the payload was changed`,
      );
    }
  }
}

const textOf = ({ metadata }: Payload, name: string): string =>
  Buffer.from(metadata?.[name] ?? []).toString('utf8');
