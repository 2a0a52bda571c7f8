/** Settings in use and settings wanted enter; what differs field by field leaves, and the `configure` request for it. */
import { isChangeable } from '../../core/category/change';
import { asWritten, type CategorySettings } from '../../core/category/settings';

export interface FieldChange {
  /** `nodes.max` */
  readonly field: string;
  /** As a person writes it; null = not set, which is the default. */
  readonly from: unknown;
  readonly to: unknown;
  /** null: `configure` can do it; else why it can't. */
  readonly obstacle: string | null;
}

/** In the order of the settings; empty when they are the same. */
export function changedFields(current: CategorySettings, wanted: CategorySettings): FieldChange[] {
  const before = leaves(current);
  const after = leaves(wanted);
  const fields = [...new Set([...after.keys(), ...before.keys()])];
  return fields.flatMap((field): FieldChange[] => {
    const from = before.get(field) ?? null;
    const to = after.get(field) ?? null;
    if (JSON.stringify(from) === JSON.stringify(to)) return [];
    return [{ field, from, to, obstacle: obstacleOf(field) }];
  });
}

function obstacleOf(field: string): string | null {
  return isChangeable(field.split('.'))
    ? null
    : 'can’t change while the category runs: stop it, then apply again';
}

/** What `configure` takes for these fields: only the given ones, nested as it wants them, null for what goes back to its default. */
export function changeRequest(fields: readonly FieldChange[]): Record<string, unknown> {
  const request: Record<string, unknown> = {};
  for (const { field, to } of fields) {
    const [group = '', inner] = field.split('.');
    if (inner === undefined) request[group] = to;
    else request[group] = { ...((request[group] as object | undefined) ?? {}), [inner]: to };
  }
  return request;
}

/** Field → value as written; lists are one field. */
function leaves(settings: CategorySettings): Map<string, unknown> {
  const found = new Map<string, unknown>();
  for (const [key, value] of Object.entries(asWritten(settings))) {
    if (key === 'match' || !isGroup(value)) found.set(key, value);
    else for (const [inner, leaf] of Object.entries(value)) found.set(`${key}.${inner}`, leaf);
  }
  return found;
}

const isGroup = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
