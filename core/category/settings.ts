/**
 * What a person writes about a category (a name and a match rule, the rest has defaults) ↔ the settings as the system
 * uses them: every duration and instant is a number of ms, and its name says so with `Ms` at its end.
 */
import { z } from 'zod';
import { type Ms, writtenDuration } from '../time/duration';
import { elementOf, fieldsOf, unitOf } from './fields';
import { writtenSettings } from './schema';

/** True for a type of ms, a list of ms, or a choice between ms and something else. */
type HasMs<T> = T extends readonly (infer Element)[] ? HasMs<Element> : T extends Ms ? true : never;
type NameInUse<Name, T> = Name extends string ? ([HasMs<T>] extends [never] ? Name : `${Name}Ms`) : Name;
export type InUse<T> = T extends Ms
  ? number
  : T extends readonly (infer Element)[]
    ? readonly InUse<Element>[]
    : T extends object
      ? { readonly [Name in keyof T as NameInUse<Name, NonNullable<T[Name]>>]: InUse<T[Name]> }
      : T;

/** As written by a person: only `name` and `match` are needed. */
export type CategoryInput = z.input<typeof writtenSettings>;
/** As used: defaults filled in, every duration in milliseconds, under a name that ends with `Ms`. */
export type CategorySettings = InUse<z.output<typeof writtenSettings>>;
/** What a node has to do, whoever provides it. */
export type NodeTemplate = CategorySettings['node'];

/** A schema of settings as written → its parser, which yields them as used; for a provider's own part too. */
export function settingsParser<Written extends z.ZodObject>(schema: Written) {
  return schema.transform((written) => inUse(schema, written) as InUse<z.output<Written>>);
}

/** Parses what a person wrote; yields the settings in use. */
export const categoryInput = settingsParser(writtenSettings);

/** The settings in the form that a person writes, with every default filled in; parsing it gives the same settings. */
export function asWritten(settings: CategorySettings): Record<string, unknown> {
  return asWrittenBy(writtenSettings, settings);
}

/** The same for the settings of another schema, such as a provider's own part. */
export function asWrittenBy(schema: z.ZodObject, settings: object): Record<string, unknown> {
  return written(schema, settings) as Record<string, unknown>;
}

/**
 * Settings in use that come from outside of this process, such as the input of an activity → the same, if a person could
 * have written them. What is no setting is left out.
 */
export const settingsInUse: z.ZodType<CategorySettings> = z
  .unknown()
  .transform((value) => written(writtenSettings, value))
  .pipe(categoryInput);

type Schema = z.core.$ZodType;
type Fields = Readonly<Record<string, unknown>>;

const nameInUse = (name: string, schema: Schema): string => (unitOf(schema) === null ? name : `${name}Ms`);

/** Applies `rename` and `convert` to every field, group by group; absent fields stay absent. */
function mapped(
  schema: Schema,
  value: unknown,
  convert: (schema: Schema, leaf: unknown) => unknown,
  names: (name: string, schema: Schema) => readonly [from: string, to: string],
): unknown {
  const fields = fieldsOf(schema);
  const element = elementOf(schema);
  if (Array.isArray(value) && element !== null)
    return value.map((one) => mapped(element, one, convert, names));
  if (fields === null || typeof value !== 'object' || value === null) return convert(schema, value);
  const entries = Object.entries(fields).flatMap(([name, field]) => {
    const [from, to] = names(name, field);
    const inner = (value as Fields)[from];
    return inner === undefined ? [] : [[to, mapped(field, inner, convert, names)] as const];
  });
  return Object.fromEntries(entries);
}

function inUse(schema: Schema, value: unknown): unknown {
  return mapped(
    schema,
    value,
    (_, leaf) => leaf,
    (name, field) => [name, nameInUse(name, field)],
  );
}

function written(schema: Schema, value: unknown): unknown {
  return mapped(schema, value, writtenLeaf, (name, field) => [nameInUse(name, field), name]);
}

function writtenLeaf(schema: Schema, leaf: unknown): unknown {
  if (typeof leaf !== 'number') return leaf;
  const unit = unitOf(schema);
  if (unit === null) return leaf;
  return unit === 'duration' ? writtenDuration(leaf) : new Date(leaf).toISOString();
}
