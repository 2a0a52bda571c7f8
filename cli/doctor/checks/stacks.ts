/** Pulumi's state in files: each stack can be read, and each has a pool. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { check, type Difference } from '../check';

export const stacks = check(
  'stacks',
  "Pulumi's stacks with the pool ledger",
  ['database'],
  async ({ database, installation }) => {
    const backend = installation?.pulumi.backendUrl ?? '';
    if (!backend.startsWith('file://')) return [];
    const folder = join(fileURLToPath(backend.split('?')[0] ?? backend), '.pulumi', 'stacks', 'pam');
    if (!existsSync(folder)) return [];
    const pools = new Set((await database.ledger.list()).map(({ category }) => category));
    return readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .flatMap((name): Difference[] => {
        const category = name.slice(0, -'.json'.length);
        const why = damageOf(join(folder, name));
        if (why !== null && pools.has(category))
          return [
            {
              what: `the stack of "${category}" (${join(folder, name)}) can't be read: ${why}`,
              affects: `the number of nodes of "${category}" is not changed until it can`,
              todo: 'wait for its next change, which restores it from its backup or from what exists; or restore the file from a backup of yours',
              repair: null,
            },
          ];
        return [];
      });
  },
);

function damageOf(file: string): string | null {
  const text = readFileSync(file, 'utf8');
  if (text.trim() === '') return 'it is empty';
  try {
    JSON.parse(text);
    return null;
  } catch {
    return 'it is cut off or no JSON';
  }
}
