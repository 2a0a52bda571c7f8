// Files that the compiler leaves behind (workers in plain JavaScript, SQL, pages) enter dist/ beside the code that reads them.
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const folders = [
  'core',
  'ports',
  'config',
  'workflows',
  'activities',
  'adapters',
  'infra',
  'installation',
  'workers',
  'simulation',
  'cli',
];
const assets = /\.(mjs|cjs|sql|html|css|svg|json)$/;

let copied = 0;
for (const folder of folders)
  for (const entry of readdirSync(join(root, folder), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !assets.test(entry.name)) continue;
    const source = join(entry.parentPath, entry.name);
    const target = source.replace(root, join(root, 'dist'));
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(source, target);
    copied++;
  }
console.error(`copied ${copied} assets to dist/`);
