/**
 * TensorFlow's own library for `@tensorflow/tfjs-node`: built once into the cache, then linked into node_modules, where
 * `npm ci` removes it again. Without it the LSTM trains on WebAssembly.
 */
import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { projectRoot } from '../../config/projectRoot';
import { PamError } from '../../core/errors';
import { hasCode } from './errorCode';
import type { FoundTool, SearchOptions } from './findTool';
import { installInto } from './install';
import { obtainTensorflow } from './obtainTensorflow';
import type { Report } from './specification';
import { toolCache } from './toolPlaces';
import versions from './versions.json';

export const tensorflow = {
  name: 'tensorflow',
  purpose: 'TensorFlow library that the LSTM is trained with; WebAssembly without it',
  variable: 'PAM_TENSORFLOW',
  version: versions.tensorflow.version,
} as const;

/** Part of the name of the cache's folder: a binding belongs to one version of both. */
const cacheFolder = `tensorflow-${versions.tensorflow.version}-tfjs-node-${versions.tensorflow.binding}`;

/** Where the binding is: already in the npm package, or linked there from the variable's folder or the cache. */
export function locateTensorflow(options: SearchOptions = {}): FoundTool | null {
  const { env, lib } = placesOf(options);
  const named = namedFolder(env);
  const cached = join(toolCache(env), cacheFolder);
  const target = linkTarget(lib);
  const [folder, from] =
    named !== null ? [named, tensorflow.variable] : hasBinding(cached) ? [cached, 'cache'] : [null, ''];
  // A folder that is no link of ours comes from the package's own install script.
  if (target === null && existsSync(lib) && hasBinding(dirname(lib)))
    return { path: lib, from: 'npm package', version: null };
  if (folder === null) return null;
  if (existsSync(dirname(lib)) && target !== join(folder, 'lib')) link(join(folder, 'lib'), lib);
  return { path: folder, from, version: named === null ? tensorflow.version : null };
}

/** As `locateTensorflow`, obtained where there is none. Throws PamError TOOL_MISSING with what a person can do. */
export async function findTensorflow(report: Report, options: SearchOptions = {}): Promise<FoundTool> {
  const found = locateTensorflow(options);
  if (found !== null) return found;
  const { env, lib } = placesOf(options);
  const cache = toolCache(env);
  if (!existsSync(dirname(lib))) throw missing('@tensorflow/tfjs-node is not installed; run npm ci', env);
  await installInto(
    cache,
    cacheFolder,
    () => hasBinding(join(cache, cacheFolder)),
    async (temporary) => {
      const failure = await obtainTensorflow(dirname(lib), temporary, env, report);
      if (failure !== null) throw missing(failure, env);
    },
    (line) => report(`tensorflow: ${line}`),
  );
  report(`tensorflow ${tensorflow.version}: ready in ${join(cache, cacheFolder)}`);
  const made = locateTensorflow(options);
  if (made === null) throw missing('what was built has no binding', env);
  return made;
}

function placesOf({ env = process.env, root = projectRoot() }: SearchOptions) {
  return { env, lib: join(root, 'node_modules', '@tensorflow', 'tfjs-node', 'lib') };
}

function namedFolder(env: NodeJS.ProcessEnv): string | null {
  const named = env[tensorflow.variable];
  if (named === undefined || named === '') return null;
  const folder = isAbsolute(named) ? named : resolve(named);
  if (!hasBinding(folder))
    throw new PamError(
      'INVALID_CONFIG',
      `${tensorflow.variable}=${named} has no lib/napi-v*/tfjs_binding.node; correct it, or unset it to have one built`,
    );
  return folder;
}

function hasBinding(folder: string): boolean {
  const lib = join(folder, 'lib');
  return (
    existsSync(lib) && readdirSync(lib).some((version) => existsSync(join(lib, version, 'tfjs_binding.node')))
  );
}

function linkTarget(path: string): string | null {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : null;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
}

/** By renaming, so that a second process sees the old link or the new one, never none. */
function link(target: string, path: string): void {
  const temporary = mkdtempSync(`${path}.`);
  try {
    symlinkSync(target, join(temporary, 'lib'));
    // A folder without a binding, left by an install script that failed: a link can't replace it.
    if (linkTarget(path) === null) rmSync(path, { recursive: true, force: true });
    renameSync(join(temporary, 'lib'), path);
  } finally {
    rmSync(temporary, { recursive: true });
  }
}

function missing(why: string, env: NodeJS.ProcessEnv): PamError {
  const ways = [
    `set ${tensorflow.variable} to a folder with lib/ and deps/ of a built @tensorflow/tfjs-node`,
    "run that package's own install script",
    `copy ${join(toolCache(env), cacheFolder)} from a machine like this one that has it`,
    'give Python 3 with pip, make and a C++ compiler on Linux x86-64, and it is built into the cache',
  ];
  return new PamError(
    'TOOL_MISSING',
    `${tensorflow.name} (${tensorflow.purpose}) is not on this machine and could not be built: ${why}. Either ${ways.join('; or ')}.`,
  );
}
