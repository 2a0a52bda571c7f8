// Files that the compiler does not copy (workers in plain JavaScript, SQL, pages) → dist/, beside the code that reads
// them. Copies whose source is gone are removed: a migration that was renamed must not run twice.
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
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

const dist = join(root, 'dist');
/** Paths of the assets below a folder, relative to `base`. */
const assetsIn = (base, folder) =>
  readdirSync(join(base, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && assets.test(entry.name))
    .map((entry) => relative(base, join(entry.parentPath, entry.name)));

let copied = 0;
for (const folder of folders) {
  for (const path of assetsIn(root, folder)) {
    mkdirSync(dirname(join(dist, path)), { recursive: true });
    copyFileSync(join(root, path), join(dist, path));
    copied++;
  }
  if (existsSync(join(dist, folder)))
    for (const path of assetsIn(dist, folder)) if (!existsSync(join(root, path))) rmSync(join(dist, path));
}
console.error(`copied ${copied} assets to dist/`);
