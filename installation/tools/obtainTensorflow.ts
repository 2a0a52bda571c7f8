/** The pinned Python wheel of TensorFlow and the sources in the npm package enter, the built binding with its library leaves. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { missingBuildTools } from './missingBuildTools';
import { runStep, type StepResult } from './runStep';
import type { Report } from './specification';
import versions from './versions.json';

const { version, wheel, sha256, python, platform } = versions.tensorflow;

/** Only what the compiler and the binding need: the wheel has twice as much. */
const unpack = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as wheel:
    for name in wheel.namelist():
        if name.startswith(("tensorflow/include/", "tensorflow/libtensorflow")):
            wheel.extract(name, sys.argv[2])
`;

/**
 * Makes `<folder>/lib/napi-v*` and `<folder>/deps/lib` from the sources in `packageFolder` (@tensorflow/tfjs-node).
 * Resolves to null on success, else to why it did not work.
 */
export async function obtainTensorflow(
  packageFolder: string,
  folder: string,
  env: NodeJS.ProcessEnv,
  report: Report,
): Promise<string | null> {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return `the pinned library is for Linux on x86-64, this is ${process.platform} on ${process.arch}`;
  const absent = missingBuildTools(env);
  if (absent.length > 0) return `there is no ${absent.join(' and no ')} on PATH`;
  report(`tensorflow ${version}: fetching Python package ${wheel} (187 MB), once`);
  const began = Date.now();
  let doing = 'fetching';
  const alive = setInterval(
    () => report(`tensorflow: ${Math.round((Date.now() - began) / 1_000)} s, ${doing}`),
    10_000,
  );
  try {
    const download = await fetchWheel(folder, env);
    if (download !== null) return download;
    doing = 'building';
    report(`tensorflow ${version}: building the binding of @tensorflow/tfjs-node, takes about 10 seconds`);
    const unpacked = await unpackWheel(folder, env);
    if (unpacked !== null) return unpacked;
    return await build(packageFolder, folder, env);
  } finally {
    clearInterval(alive);
  }
}

async function fetchWheel(folder: string, env: NodeJS.ProcessEnv): Promise<string | null> {
  const requirements = join(folder, 'requirements.txt');
  writeFileSync(
    requirements,
    `${wheel}==${version} ${sha256.map((sum) => `--hash=sha256:${sum}`).join(' ')}\n`,
  );
  const { code, tail } = await runStep(
    'python3',
    [
      ...['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-input', '--no-deps'],
      ...['--only-binary=:all:', '--python-version', python, '--platform', platform, '--no-cache-dir'],
      ...['--require-hashes', '-d', join(folder, 'wheel'), '-r', requirements],
    ],
    { env },
  );
  return code === 0 ? null : `pip download: ${lastLine(tail)}`;
}

async function unpackWheel(folder: string, env: NodeJS.ProcessEnv): Promise<string | null> {
  const [file] = readdirSync(join(folder, 'wheel'));
  const { code, tail } = await runStep(
    'python3',
    ['-c', unpack, join(folder, 'wheel', file ?? ''), join(folder, 'unpacked')],
    { env },
  );
  if (code !== 0) return `unpacking the wheel: ${lastLine(tail)}`;
  rmSync(join(folder, 'wheel'), { recursive: true });
  const libraries = join(folder, 'deps', 'lib');
  mkdirSync(libraries, { recursive: true });
  for (const [name, linked] of [
    ['libtensorflow_cc.so.2', 'libtensorflow.so'],
    ['libtensorflow_framework.so.2', 'libtensorflow_framework.so'],
  ] as const) {
    if (!existsSync(join(folder, 'unpacked', 'tensorflow', name))) return `the wheel has no ${name}`;
    renameSync(join(folder, 'unpacked', 'tensorflow', name), join(libraries, name));
    symlinkSync(name, join(libraries, linked));
  }
  renameSync(join(folder, 'unpacked', 'tensorflow', 'include'), join(folder, 'deps', 'include'));
  rmSync(join(folder, 'unpacked'), { recursive: true });
  return null;
}

async function build(packageFolder: string, folder: string, env: NodeJS.ProcessEnv): Promise<string | null> {
  for (const name of ['binding', 'binding.gyp', 'package.json'])
    cpSync(join(packageFolder, name), join(folder, name), { recursive: true });
  const gyp = createRequire(join(packageFolder, 'package.json')).resolve(
    '@mapbox/node-pre-gyp/bin/node-pre-gyp',
  );
  const headers = dirname(dirname(process.execPath));
  const built = await runStep(process.execPath, [gyp, 'install', '--build-from-source'], {
    cwd: folder,
    env: {
      ...env,
      // Else the headers of Node would be fetched.
      ...(existsSync(join(headers, 'include', 'node', 'node_api.h')) ? { npm_config_nodedir: headers } : {}),
    },
  });
  if (built.code !== 0) return `building the binding: ${reasonOf(built)}`;
  rmSync(join(folder, 'deps', 'include'), { recursive: true });
  for (const name of readdirSync(folder))
    if (name !== 'lib' && name !== 'deps') rmSync(join(folder, name), { recursive: true });
  const [api] = readdirSync(join(folder, 'lib'));
  const binding = join(folder, 'lib', api ?? '', 'tfjs_binding.node');
  const loaded = await runStep(process.execPath, ['-e', `require(${JSON.stringify(binding)})`], { env });
  return loaded.code === 0 ? null : `the binding was built but does not load: ${reasonOf(loaded)}`;
}

const lastLine = (tail: string) => tail.trim().split('\n').at(-1) ?? 'no reason given';

/** The line that tells most: compilers and loaders say "error" before they sum up. */
function reasonOf({ tail }: StepResult): string {
  return (
    tail
      .split('\n')
      .find((line) => /error|cannot|not found/i.test(line))
      ?.trim() ?? lastLine(tail)
  );
}
