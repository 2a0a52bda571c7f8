/**
 * The schema of `pam.yaml` enters, its JSON Schema for editors leaves. `node dist/config/jsonSchema.js`
 * writes it, with `--check` compares it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { projectRoot } from './projectRoot';
import { configSchema } from './schema';

/** Where the generated file is kept, relative to the checkout. */
export const jsonSchemaFile = join('config', 'schema.json');

/** Text of the JSON Schema, as committed. What a person may write, so defaulted settings are optional. */
export function jsonSchemaText(): string {
  const schema = z.toJSONSchema(configSchema, {
    io: 'input',
    // Durations are transformed texts; an editor is told what may be written.
    unrepresentable: 'any',
  });
  return `${JSON.stringify({ title: 'PAM configuration (pam.yaml)', ...schema }, null, 2)}\n`;
}

if (require.main === module) {
  const file = join(projectRoot(), jsonSchemaFile);
  if (!process.argv.includes('--check')) writeFileSync(file, jsonSchemaText());
  else if (readFileSync(file, 'utf8') !== jsonSchemaText()) {
    process.stderr.write(`${jsonSchemaFile} is not what config/schema.ts generates: run "make generate"\n`);
    process.exitCode = 65;
  }
}
