/** A line of NDJSON enters, its row leaves: the values of the keys as text. */
import { messageOf } from '../../../core/thrown';
import type { FileRecord } from './fileRecord';
import type { TextLine } from './textLines';

/** No row for a blank line. */
export function jsonRow({ line, text, bad }: TextLine): FileRecord[] {
  if (bad !== undefined) return [{ line, bad }];
  if (text.trim() === '') return [];
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return [{ line, bad: `not JSON: ${messageOf(error)}` }];
  }
  if (!isObject(value))
    return [
      {
        line,
        bad: 'expected a JSON object, such as {"timestamp":"2026-05-04T13:30:00Z","type":"checkout"}',
      },
    ];
  const read = (column: string) => {
    const field = Object.hasOwn(value, column) ? value[column] : undefined;
    if (field === undefined || field === null) return undefined;
    return typeof field === 'object' ? nestedText(field) : String(field);
  };
  return [{ line, read }];
}

/** No column that is read is nested; what can't be written again is nested too deep. */
function nestedText(field: object): string {
  try {
    return JSON.stringify(field);
  } catch {
    return '(nested too deep)';
  }
}

/** Every key that the objects among these lines have. */
export function keysOf(lines: readonly TextLine[]): string[] {
  const keys = new Set<string>();
  for (const { text } of lines) {
    try {
      const value: unknown = JSON.parse(text);
      if (isObject(value)) for (const key of Object.keys(value)) keys.add(key);
    } catch {
      // `jsonRow` reports it.
    }
  }
  return [...keys];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
