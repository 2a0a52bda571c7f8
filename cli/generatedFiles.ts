/**
 * The schemas of `pam.yaml`, of a category and of the node providers → the files that are generated from them: JSON Schemas
 * for editors, and the table of settings in docs/category.md. `node dist/cli/generatedFiles.js` writes them, with `--check`
 * compares them.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { nodeProviders } from '../adapters/nodes/registry';
import { projectRoot } from '../config/projectRoot';
import { configSchema } from '../config/schema';
import { writtenSettings } from '../core/category/schema';
import { settingsTable } from '../core/category/settingsTable';

interface Generated {
  /** Relative to the checkout. */
  readonly file: string;
  readonly from: string;
  /** Wanted text of the file, from its present text. */
  readonly text: (present: string) => string;
}

/** Core carries a provider's own part without knowing it. */
const providerSettings = Object.fromEntries(
  Object.entries(nodeProviders).map(([name, { settings }]) => [name, settings]),
);
const partsOfProviders = Object.fromEntries(
  Object.entries(providerSettings).map(([name, settings]) => [name, settings.optional()]),
);

export const generatedFiles: readonly Generated[] = [
  {
    file: join('config', 'schema.json'),
    from: 'config/schema.ts',
    text: () => jsonSchemaText('PAM configuration (pam.yaml)', configSchema),
  },
  {
    file: join('config', 'category.schema.json'),
    from: 'core/category/schema.ts',
    text: () => jsonSchemaText('A category of requests', writtenSettings.safeExtend(partsOfProviders)),
  },
  { file: join('docs', 'category.md'), from: 'core/category/schema.ts', text: withSettingsTable },
];

/** The input side of the schema: settings with a default are optional. */
function jsonSchemaText(title: string, schema: z.ZodType): string {
  const generated = z.toJSONSchema(schema, {
    io: 'input',
    // Durations are transformed texts; the schema shows what a person may write.
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      // For the code, not for an editor.
      for (const name of ['unit', 'change', 'unset']) delete (jsonSchema as Record<string, unknown>)[name];
    },
  });
  return `${JSON.stringify({ title, ...generated }, null, 2)}\n`;
}

function withSettingsTable(page: string): string {
  const [before, after] = [/<!-- settings: [^>]*-->\n/, /<!-- \/settings -->/].map((mark) => mark.exec(page));
  if (before == null || after == null)
    throw new Error('docs/category.md: the marks around the settings are missing');
  return `${page.slice(0, before.index)}${before[0]}\n${settingsTable(providerSettings)}\n\n${page.slice(after.index).trimStart()}`;
}

if (require.main === module) {
  for (const { file, from, text } of generatedFiles) {
    const path = join(projectRoot(), file);
    const present = readFileSync(path, { encoding: 'utf8', flag: 'a+' });
    const wanted = text(present);
    if (present === wanted) continue;
    if (!process.argv.includes('--check')) writeFileSync(path, wanted);
    else {
      process.stderr.write(`${file} differs from what ${from} generates: run "make generate"\n`);
      process.exitCode = 65;
    }
  }
}
