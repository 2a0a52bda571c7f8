/**
 * Every package of the lock file and every pinned tool → an error for each whose licence is not on the list. Offline, a
 * second. `node tools/licences.mjs`
 */
import satisfies from 'spdx-satisfies';
import { outsideTools, packages } from './dependencies.mjs';

/** Permissive licences, which a program under Apache-2.0 may contain and be distributed with. */
const anywhere = [
  ...[
    'MIT',
    'MIT-0',
    'ISC',
    'Apache-2.0',
    'BSD-2-Clause',
    'BSD-3-Clause',
    '0BSD',
    'BlueOak-1.0.0',
    'Unlicense',
  ],
  ...['CC0-1.0', 'Python-2.0', 'PostgreSQL', 'Zlib', 'Apache-2.0 WITH LLVM-exception'],
];

/** Others, for the packages named: with the reason why that is right. */
const exceptions = {
  // Weak copyleft by file: used unchanged, as a package of its own.
  'ical.js': 'MPL-2.0',
  // Data about browsers and licences, used unchanged with its attribution in the notices.
  'caniuse-lite': 'CC-BY-4.0',
  'spdx-exceptions': 'CC-BY-3.0',
  'spdx-ranges': '(MIT AND CC-BY-3.0)',
};

export function isAllowed(licence, name) {
  if (licence === null) return false;
  if (exceptions[name] === licence) return true;
  try {
    return satisfies(licence, anywhere);
  } catch {
    return false;
  }
}

if (process.argv[1]?.endsWith('licences.mjs')) {
  const all = [...packages(), ...outsideTools()];
  const refused = all.filter(({ name, licence }) => !isAllowed(licence, name));
  for (const { name, version, licence } of refused)
    console.error(
      `${name}@${version}: licence ${licence ?? 'not stated'} is not on the list of tools/licences.mjs`,
    );
  if (refused.length > 0) process.exitCode = 1;
  else console.log(`${all.length} packages and tools, every licence is on the list`);
}
