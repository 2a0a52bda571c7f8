/**
 * The lock file and the pinned tools → what PAM consists of: one entry a package or tool, with its licence. Read offline;
 * the SBOM, the notices and the licence gate are made from it.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const json = (...path) => JSON.parse(readFileSync(join(root, ...path), 'utf8'));

/** Licences that packages state in another way than their field `license`, or not in SPDX: looked up by hand. */
const stated = {
  // Its field "licenses" and its LICENSE file.
  unionfs: 'Unlicense',
  // "SEE LICENSE IN LICENSE", which is MIT.
  '@logdna/tail-file': 'MIT',
};

/** `{ name, version, licence, folder, development }`, by name and version; the same package in two folders is one. */
export function packages() {
  const found = new Map();
  for (const [folder, entry] of Object.entries(json('package-lock.json').packages)) {
    if (folder === '' || entry.link) continue;
    const name = entry.name ?? folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length);
    const key = `${name}@${entry.version}`;
    const development = (entry.dev ?? entry.devOptional ?? false) && (found.get(key)?.development ?? true);
    found.set(key, {
      ...{ name, version: entry.version, folder: found.get(key)?.folder ?? folder, development },
      licence: stated[name] ?? entry.license ?? null,
    });
  }
  return [...found.values()].sort((a, b) => (`${a.name}@${a.version}` < `${b.name}@${b.version}` ? -1 : 1));
}

/** `{ name, title, version, licence, source, purl }`: programs and libraries that PAM obtains or is pointed to. */
export function outsideTools() {
  const versions = json('installation', 'tools', 'versions.json');
  const tools = json('tools', 'outsideTools.json').map((tool) => {
    const { version } = versions[tool.name];
    return { ...tool, version, purl: tool.purl.replace('{version}', version) };
  });
  const unknown = Object.keys(versions).filter((name) => !tools.some((tool) => tool.name === name));
  if (unknown.length > 0)
    throw new Error(`tools/outsideTools.json lacks the licence of ${unknown.join(', ')}`);
  return tools;
}
