/** A request to change a running category, and its settings → the settings after it, or why they can't be. */
import type { z } from 'zod';
import { describeIssues } from '../describeIssues';
import { fieldsOf, metaOf } from './fields';
import { writtenSettings } from './schema';
import { asWritten, type CategorySettings, categoryInput } from './settings';

type Fields = Readonly<Record<string, unknown>>;

/** Whether `configure` may change the setting of this path (`['nodes', 'max']`) while the category runs. */
export function isChangeable(path: readonly string[]): boolean {
  let schema: z.core.$ZodType = writtenSettings;
  let change = false;
  for (const name of path) {
    const field = fieldsOf(schema)?.[name];
    if (field === undefined) return change;
    change = metaOf(field).change ?? change;
    schema = field;
  }
  return change;
}

/**
 * Given fields replace the old ones, in groups field by field; null takes a setting, or a whole group, back to its
 * default.
 * @throws Error whose message names the field and what would be right, if the whole would not be valid.
 */
export function changedSettings(request: unknown, settings: CategorySettings): CategorySettings {
  if (!isGroup(request) || Object.keys(request).length === 0)
    throw new Error('configure: expected at least one setting to change, such as {"risk":0.003}');
  const problems = [...unknownFields(writtenSettings, request, []), ...fixedFields(request)];
  if (problems.length > 0) throw new Error(`configure: ${problems.join('; ')}`);
  const checked = categoryInput.safeParse(overlaid(asWritten(settings), request));
  if (!checked.success) throw new Error(`configure: ${describeIssues(checked.error)}`);
  return checked.data;
}

function unknownFields(schema: z.core.$ZodType, request: Fields, path: readonly string[]): string[] {
  const fields = fieldsOf(schema);
  if (fields === null) return [];
  return Object.entries(request).flatMap(([name, value]) => {
    const field = fields[name];
    const where = [...path, name];
    if (field === undefined) return [`${where.join('.')}: no such setting; docs/category.md lists them`];
    return isGroup(value) ? unknownFields(field, value, where) : [];
  });
}

function fixedFields(request: Fields, above: readonly string[] = []): string[] {
  return Object.entries(request).flatMap(([name, value]) => {
    const path = [...above, name];
    if (above.length === 0 && !(name in writtenSettings.shape)) return [];
    if (isChangeable(path)) return isGroup(value) ? fixedFields(value, path) : [];
    return [
      `${path.join('.')}: can't change while the category runs: stop it, then start it with the new one`,
    ];
  });
}

/** `change` over `base`, groups field by field; what is null is left out, so that it gets its default. */
function overlaid(base: Fields, change: Fields): Fields {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(change)) {
    const before = merged[key];
    if (value === null) delete merged[key];
    else if (value !== undefined)
      merged[key] = isGroup(value) ? overlaid(isGroup(before) ? before : {}, value) : value;
  }
  return merged;
}

const isGroup = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
