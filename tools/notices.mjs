/**
 * The lock file, the installed packages and the pinned tools → THIRD_PARTY_NOTICES.md, the list of what PAM consists of with
 * each licence, and dist/THIRD_PARTY_NOTICES.md, the same with the text of each licence, for whoever passes PAM on with its
 * packages. `make notices` writes both; `--check` compares the list with the lock file. Offline.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { outsideTools, packages, root } from './dependencies.mjs';

const file = join(root, 'THIRD_PARTY_NOTICES.md');
const used = packages().filter(({ development }) => !development);

const list = [
  '# Third-party notices',
  '',
  'What PAM consists of besides its own code: packages of npm that run in production, and tools that it obtains or is pointed',
  'to. Made by `make notices` from package-lock.json and installation/tools/versions.json. The texts of the licences are in the',
  'packages; `make notices` also collects them in `dist/THIRD_PARTY_NOTICES.md`.',
  '',
  '## Tools',
  '',
  '| tool | version | licence | source |',
  '| --- | --- | --- | --- |',
  ...outsideTools().map(
    ({ title, version, licence, source }) => `| ${title} | ${version} | ${licence} | ${source} |`,
  ),
  '',
  'Each tool comes with its own notices for what is built into it.',
  '',
  '## Packages',
  '',
  '| package | version | licence |',
  '| --- | --- | --- |',
  ...used.map(({ name, version, licence }) => `| ${name} | ${version} | ${licence} |`),
  '',
].join('\n');

if (process.argv.includes('--check')) {
  const present = existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (present !== list) {
    console.error(
      'THIRD_PARTY_NOTICES.md does not list the packages of package-lock.json: run "make notices"',
    );
    process.exitCode = 1;
  }
} else {
  writeFileSync(file, list);
  mkdirSync(join(root, 'dist'), { recursive: true });
  writeFileSync(
    join(root, 'dist', 'THIRD_PARTY_NOTICES.md'),
    `${list}\n## Texts of the licences\n${texts()}`,
  );
}

/** Packages with the same text share it. */
function texts() {
  const owners = new Map();
  for (const { name, version, folder } of used) {
    const text = licenceText(join(root, folder));
    if (text === null) continue;
    owners.set(text, [...(owners.get(text) ?? []), `${name} ${version}`]);
  }
  return [...owners].map(([text, names]) => `\n### ${names.join(', ')}\n\n${indented(text)}\n`).join('');
}

const indented = (text) =>
  text
    .split('\n')
    .map((line) => `    ${line}`.trimEnd())
    .join('\n');

function licenceText(folder) {
  if (!existsSync(folder)) return null;
  const names = readdirSync(folder)
    .filter((name) => /^(licen[cs]e|copying|notice)([.-].*)?$/i.test(name))
    .sort();
  const parts = names.map((name) => readFileSync(join(folder, name), 'utf8').replaceAll('\r\n', '\n').trim());
  return parts.length === 0 ? null : [...new Set(parts)].join('\n\n');
}
