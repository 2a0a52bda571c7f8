/**
 * A zod schema → its fields and their metadata, through the wrappers for optional and default values. What is derived
 * from the schema of the settings walks it here, so that only this file knows zod's own shape.
 */
import { z } from 'zod';

type Schema = z.core.$ZodType;

/** What the schema says of a field beside its type. */
export interface FieldMeta {
  readonly description?: string;
  /** What an absent field means, in words. */
  readonly unset?: string;
  /** `configure` may change it while the category runs. */
  readonly change?: boolean;
  /** Set by `duration` and `instant`: the parsed value is in ms. */
  readonly unit?: 'duration' | 'instant';
}

const wrappers = new Set(['optional', 'nullable', 'default', 'prefault']);

interface Definition {
  readonly type: string;
  readonly innerType?: Schema;
  readonly element?: Schema;
  readonly shape?: Readonly<Record<string, Schema>>;
  readonly options?: readonly Schema[];
  readonly defaultValue?: unknown;
}

const definitionOf = (schema: Schema): Definition => schema._zod.def as unknown as Definition;

/** Without its wrappers. */
function bare(schema: Schema): Schema {
  const { type, innerType } = definitionOf(schema);
  return wrappers.has(type) && innerType !== undefined ? bare(innerType) : schema;
}

/** Metadata of the field itself, outermost first. */
export function metaOf(schema: Schema): FieldMeta {
  const own = (z.globalRegistry.get(schema as z.ZodType) ?? {}) as FieldMeta;
  const { type, innerType } = definitionOf(schema);
  return wrappers.has(type) && innerType !== undefined ? { ...metaOf(innerType), ...own } : own;
}

/** Fields of a group by name; null where the schema is no group. */
export function fieldsOf(schema: Schema): Readonly<Record<string, Schema>> | null {
  return definitionOf(bare(schema)).shape ?? null;
}

/** The elements' schema of a list; null where the schema is no list. */
export function elementOf(schema: Schema): Schema | null {
  return definitionOf(bare(schema)).element ?? null;
}

/** `duration` or `instant` where the parsed value, or one of the alternatives, or each element is in ms; else null. */
export function unitOf(schema: Schema): 'duration' | 'instant' | null {
  const inner = bare(schema);
  const { unit } = metaOf(inner);
  if (unit !== undefined) return unit;
  const { element, options } = definitionOf(inner);
  for (const part of element === undefined ? (options ?? []) : [element]) {
    const found = unitOf(part);
    if (found !== null) return found;
  }
  return null;
}

/** The default as a person would write it; undefined where there is none. */
export function defaultOf(schema: Schema): unknown {
  const { type, innerType, defaultValue } = definitionOf(schema);
  if (type === 'default' || type === 'prefault') return defaultValue;
  return wrappers.has(type) && innerType !== undefined ? defaultOf(innerType) : undefined;
}
