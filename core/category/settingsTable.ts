/** The schema of the settings → the rows of the table in docs/category.md, so that the docs say what the code does. */
import type { z } from 'zod';
import { defaultOf, fieldsOf, metaOf } from './fields';
import { writtenSettings } from './schema';

type Parts = Readonly<Record<string, z.core.$ZodType>>;

/**
 * Markdown: field, default, meaning, and whether it may change while the category runs.
 * @param parts schemas of the settings that core carries without knowing them, by their top-level name.
 */
export function settingsTable(parts: Parts = {}): string {
  return [
    '| field | default | meaning | `configure` |',
    '| --- | --- | --- | --- |',
    ...rows(writtenSettings, '', false, parts),
  ].join('\n');
}

function rows(schema: z.core.$ZodType, prefix: string, changes: boolean, parts: Parts): string[] {
  return Object.entries(fieldsOf(schema) ?? {}).flatMap(([name, field]) => {
    const { description = '', unset, change = changes } = metaOf(field);
    const path = `${prefix}${name}`;
    const group = parts[path] ?? field;
    if (fieldsOf(group) !== null) return rows(group, `${path}.`, change, parts);
    return [
      `| \`${path}\` | ${defaultText(defaultOf(field), unset)} | ${description} | ${change ? 'yes' : ''} |`,
    ];
  });
}

function defaultText(value: unknown, unset: string | undefined): string {
  if (value === undefined) return unset ?? '';
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}
