/** Where TensorFlow's library is looked for and linked to, on made-up machines; building it for real is the set-up's. */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findTensorflow, locateTensorflow } from '../../../installation/tools/tensorflow';
import versions from '../../../installation/tools/versions.json';

let machine: string;
beforeEach(() => {
  machine = realpathSync(mkdtempSync(join(tmpdir(), 'pam-tensorflow-')));
  mkdirSync(join(machine, 'root/node_modules/@tensorflow/tfjs-node'), { recursive: true });
});
afterEach(() => rmSync(machine, { recursive: true, force: true }));

const { version, binding } = versions.tensorflow;
const cacheFolder = () => join(machine, `cache/pam/tensorflow-${version}-tfjs-node-${binding}`);
const lib = () => join(machine, 'root/node_modules/@tensorflow/tfjs-node/lib');
const machineWith = (env: NodeJS.ProcessEnv = {}) => ({
  env: { PATH: join(machine, 'bin'), XDG_CACHE_HOME: join(machine, 'cache'), ...env },
  root: join(machine, 'root'),
});

function built(folder: string): string {
  mkdirSync(join(folder, 'lib/napi-v8'), { recursive: true });
  writeFileSync(join(folder, 'lib/napi-v8/tfjs_binding.node'), '');
  return folder;
}

test('what is in the cache is linked into the package, again after npm ci, and from a newer place', () => {
  expect(locateTensorflow(machineWith())).toBeNull();
  built(cacheFolder());
  expect(locateTensorflow(machineWith())).toMatchObject({ from: 'cache', version });
  expect(readlinkSync(lib())).toBe(join(cacheFolder(), 'lib'));
  rmSync(lib());
  symlinkSync(join(machine, 'gone/lib'), lib());
  locateTensorflow(machineWith());
  expect(readlinkSync(lib())).toBe(join(cacheFolder(), 'lib'));
});

test('the variable wins over the cache; one that names nothing is refused with its name', () => {
  built(cacheFolder());
  const own = built(join(machine, 'own'));
  expect(locateTensorflow(machineWith({ PAM_TENSORFLOW: own }))).toMatchObject({
    path: own,
    from: 'PAM_TENSORFLOW',
  });
  expect(readlinkSync(lib())).toBe(join(own, 'lib'));
  expect(() => locateTensorflow(machineWith({ PAM_TENSORFLOW: join(machine, 'nowhere') }))).toThrow(
    expect.objectContaining({ code: 'INVALID_CONFIG', message: expect.stringContaining('nowhere') }),
  );
});

test('after npm ci, which removes the package with the link, it is there again; nothing else is left beside it', () => {
  built(cacheFolder());
  locateTensorflow(machineWith());
  const packageFolder = dirname(lib());
  rmSync(packageFolder, { recursive: true });
  mkdirSync(packageFolder);
  locateTensorflow(machineWith());
  expect(readlinkSync(lib())).toBe(join(cacheFolder(), 'lib'));
  expect(readdirSync(packageFolder)).toEqual(['lib']);
});

test("a folder that a failed install script left in the link's place is replaced", () => {
  built(cacheFolder());
  mkdirSync(join(lib(), 'napi-v8'), { recursive: true });
  locateTensorflow(machineWith());
  expect(readlinkSync(lib())).toBe(join(cacheFolder(), 'lib'));
});

test("what the package's own install script has put there is left alone", () => {
  built(join(lib(), '..'));
  built(cacheFolder());
  expect(locateTensorflow(machineWith())).toEqual({ path: lib(), from: 'npm package', version: null });
});

test('without pip nothing half-made is left, and the message says what a person can do', async () => {
  const told: string[] = [];
  await expect(findTensorflow((line) => told.push(line), machineWith())).rejects.toMatchObject({
    code: 'TOOL_MISSING',
    message: expect.stringMatching(/could not be built: .*PAM_TENSORFLOW/s),
  });
  expect(locateTensorflow(machineWith())).toBeNull();
});

test.each([
  [[], /no python3 and no make and no C\+\+ compiler \(g\+\+\) on PATH/],
  [['python3', 'make'], /built: there is no C\+\+ compiler \(g\+\+\) on PATH/],
  [['g++', 'python3'], /built: there is no make on PATH/],
])(
  'with only %j on PATH nothing is fetched, and the message names the rest and every way out',
  async (there, lacks) => {
    mkdirSync(join(machine, 'bin'));
    // Run, they would fail with another reason.
    for (const name of there)
      writeFileSync(join(machine, 'bin', name), '#!/bin/sh\nexit 9\n', { mode: 0o755 });
    const told: string[] = [];
    const failing = findTensorflow((line) => told.push(line), machineWith());
    await expect(failing).rejects.toThrow(lacks);
    await expect(failing).rejects.toThrow(
      /Either set PAM_TENSORFLOW .*; or run .*; or copy .*cache\/pam\/tensorflow-.*; or give Python 3 with pip, make and a C\+\+ compiler/,
    );
    expect(told).toEqual([]);
    expect(readdirSync(join(machine, 'cache/pam'))).toEqual([]);
  },
);

test('a compiler that CXX names will do, with its arguments', async () => {
  mkdirSync(join(machine, 'bin'));
  for (const name of ['python3', 'make', 'clang++'])
    writeFileSync(join(machine, 'bin', name), '#!/bin/sh\necho "No module named pip" >&2; exit 1\n', {
      mode: 0o755,
    });
  const env = { CXX: 'clang++ -stdlib=libc++' };
  await expect(findTensorflow(() => {}, machineWith(env))).rejects.toThrow(
    /pip download: No module named pip/,
  );
});

test('the pinned binding is of the installed package', () => {
  expect(require('@tensorflow/tfjs-node/package.json').version).toBe(binding);
});
