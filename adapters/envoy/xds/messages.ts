/**
 * Messages of Envoy's API as objects, with the names of its protos → bytes, and back. `descriptor.json` has the fields that
 * PAM uses; `tools/xds/writeDescriptor.mjs` writes it from the published protos.
 */
import { createHash } from 'node:crypto';
import { type Enum, Root, Type } from 'protobufjs/light';
import descriptor from './descriptor.json';

const root = Root.fromJSON(descriptor);
root.resolveAll();
const types = new Map<string, Type>();

function typeOf(name: string): Type {
  const known = types.get(name) ?? root.lookupType(name);
  types.set(name, known);
  return known;
}

export type Message = Readonly<Record<string, unknown>>;

/** `google.protobuf.Any`: a message with the name of its type. */
export interface AnyMessage {
  readonly type_url: string;
  readonly value: Uint8Array;
}

export const typeUrl = (name: string): string => `type.googleapis.com/${name}`;

/** Bytes of a message. A field that the descriptor lacks is a fault of ours: it would be left out without a word. */
export function encode(name: string, message: Message): Uint8Array {
  const type = typeOf(name);
  requireFields(type, message, name);
  return type.encode(type.fromObject(message)).finish();
}

export function any(name: string, message: Message): AnyMessage {
  return { type_url: typeUrl(name), value: encode(name, message) };
}

/** An extension by name, as filters, matchers and predicates are given. */
export const extension = (name: string, type: string, message: Message = {}): Message => ({
  name,
  typed_config: any(type, message),
});

/** Fields that are absent have their defaults. */
export function decode<T>(name: string, bytes: Uint8Array): T {
  const type = typeOf(name);
  return type.toObject(type.decode(bytes), {
    defaults: true,
    arrays: true,
    objects: true,
    enums: String,
  }) as T;
}

/** Equal for equal bytes: the version of a resource, which a restarted process computes again. */
export const versionOf = (bytes: Uint8Array): string =>
  createHash('sha256').update(bytes).digest('base64url').slice(0, 16);

/** A duration of the protos. */
export const ms = (value: number): Message => ({
  seconds: Math.floor(value / 1_000),
  nanos: Math.round((value % 1_000) * 1_000_000),
});

/** A wrapped number or flag: its absence differs from 0 and false. */
export const wrap = (value: number | boolean): Message => ({ value });

function requireFields(type: Type, value: unknown, where: string): void {
  if (typeof value !== 'object' || value === null) throw new Error(`${where}: expected a message`);
  for (const [key, inner] of Object.entries(value)) {
    const field = type.fields[key];
    if (field === undefined) throw new Error(`${where}.${key}: no such field in the descriptor`);
    const of = field.resolvedType;
    if (of === null || isEnum(of)) continue;
    const values = field.repeated
      ? (inner as unknown[])
      : field.map
        ? Object.values(inner as object)
        : [inner];
    values.forEach((one) => {
      requireFields(of, one, `${where}.${key}`);
    });
  }
}

const isEnum = (of: Type | Enum): of is Enum => !(of instanceof Type);
