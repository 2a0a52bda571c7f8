/** Typed arrays ↔ compact JSON strings, so that a fitted model is plain data of some hundred kilobytes. */
import { PamError } from '../errors';
import type { Json } from './model';

/** Base64 of the numbers as 32-bit floats, little-endian. */
export function encodeFloats(values: ArrayLike<number>): string {
  const floats = Float32Array.from(values);
  return Buffer.from(floats.buffer, floats.byteOffset, floats.byteLength).toString('base64');
}

/** The inverse of `encodeFloats`; throws PamError INVALID_DATA on anything else. */
export function decodeFloats(text: unknown, what: string): Float32Array {
  if (typeof text !== 'string')
    throw new PamError('INVALID_DATA', `model state: ${what} should be base64 text of 32-bit floats`);
  const bytes = Buffer.from(text, 'base64');
  if (bytes.byteLength % 4 !== 0)
    throw new PamError(
      'INVALID_DATA',
      `model state: ${what} has ${bytes.byteLength} bytes, not a multiple of 4`,
    );
  const floats = new Float32Array(bytes.byteLength / 4);
  new Uint8Array(floats.buffer).set(bytes);
  return floats;
}

/** A model's state as an object of the given family and version; throws PamError INVALID_DATA otherwise. */
export function stateObject(state: Json, family: string, version: number): { [key: string]: Json } {
  if (state === null || typeof state !== 'object' || Array.isArray(state))
    throw new PamError('INVALID_DATA', `model state of family "${family}" should be an object`);
  if (state.family !== family)
    throw new PamError(
      'INVALID_DATA',
      `expected the state of a "${family}" model, found ${String(state.family)}`,
    );
  if (state.version !== version)
    throw new PamError(
      'INVALID_DATA',
      `"${family}" model of state version ${String(state.version)}; this program reads version ${version}: train again`,
    );
  return state;
}

/** Base64 of the numbers as 64-bit floats, little-endian. */
export function encodeDoubles(values: Float64Array): string {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64');
}

/** The inverse of `encodeDoubles`; throws PamError INVALID_DATA unless it holds `length` numbers. */
export function decodeDoubles(text: unknown, length: number, what: string): Float64Array {
  const bytes = Buffer.from(typeof text === 'string' ? text : '', 'base64');
  if (bytes.byteLength !== 8 * length)
    throw new PamError(
      'INVALID_DATA',
      `model state: ${what} should be base64 text of ${length} 64-bit floats`,
    );
  const doubles = new Float64Array(length);
  new Uint8Array(doubles.buffer).set(bytes);
  return doubles;
}
