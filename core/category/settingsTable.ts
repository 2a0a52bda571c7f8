/** The schema of the settings → the rows of the table in docs/category.md, so that the docs say what the code does. */
import type { z } from 'zod';
import { defaultOf, fieldsOf, metaOf } from './fields';
import { writtenSettings } from './schema';

/** Markdown: field, default, meaning, and whether it may change while the category runs. */
export function settingsTable(): string {
  return [
    '| field | default | meaning | `configure` |',
    '| --- | --- | --- | --- |',
    ...rows(writtenSettings, '', false),
  ].join('\n');
}

function rows(schema: z.core.$ZodType, prefix: string, changes: boolean): string[] {
  return Object.entries(fieldsOf(schema) ?? {}).flatMap(([name, field]) => {
    const { description = '', unset, change = changes } = metaOf(field);
    const path = `${prefix}${name}`;
    const inner = fieldsOf(field);
    if (inner !== null && Object.keys(inner).length > 0) return rows(field, `${path}.`, change);
    return [
      `| \`${path}\` | ${defaultText(defaultOf(field), unset)} | ${description} | ${change ? 'yes' : ''} |`,
    ];
  });
}

function defaultText(value: unknown, unset: string | undefined): string {
  if (value === undefined) return unset ?? '';
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}
