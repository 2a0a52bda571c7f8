/** Settings in use and settings wanted enter; what differs field by field leaves, and the `configure` request for it. */
import { type CategoryChange, type CategorySettings, categoryChange } from '../../core/category/category';

export interface FieldChange {
  /** `nodes.max` */
  readonly field: string;
  /** As a person writes it; null = not set, which is the default. */
  readonly from: unknown;
  readonly to: unknown;
  /** null: `configure` can do it; else why it can't. */
  readonly obstacle: string | null;
}

const durations = new Set([
  'lead',
  'scaleDownHold',
  'unhealthyGrace',
  'objective.latency',
  'bin',
  'day',
  'node.serviceTime',
  'node.bootTime',
  'node.drain',
  'node.maxAge',
]);

const changeable = new Set(Object.keys(categoryChange.shape));

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
  return changeable.has(field.split('.')[0] ?? '')
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
  for (const [key, value] of Object.entries(settings)) {
    if (key === 'match' || key === 'name' || !isGroup(value)) put(found, key, value);
    else for (const [inner, leaf] of Object.entries(value)) put(found, `${key}.${inner}`, leaf);
  }
  return found;
}

const isGroup = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function put(found: Map<string, unknown>, field: string, value: unknown): void {
  if (value === undefined) return;
  found.set(field, asWritten(field, value));
}

function asWritten(field: string, value: unknown): unknown {
  if (durations.has(field) && typeof value === 'number') return writtenDuration(value);
  if (field === 'horizons' && Array.isArray(value)) return value.map((one: number) => writtenDuration(one));
  if (field === 'maintenance' && Array.isArray(value))
    return (value as CategoryChange['maintenance'] & object).map(({ from, to, ...rest }) => ({
      from: new Date(from).toISOString(),
      to: new Date(to).toISOString(),
      ...rest,
    }));
  return value;
}

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const;

/** `300000` → `5m`: the largest unit that divides it. */
export function writtenDuration(durationMs: number): string {
  const unit = units.find(([, size]) => durationMs % size === 0 && durationMs >= size);
  return unit === undefined ? `${durationMs}ms` : `${durationMs / unit[1]}${unit[0]}`;
}
