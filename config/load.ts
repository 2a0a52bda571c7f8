/**
 * A file and the environment → the checked configuration. The environment overrides the file. An error names the file
 * and key, or the variable, and what would be right.
 */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { loadClientConfigProfile } from '@temporalio/envconfig';
import { parse, YAMLParseError } from 'yaml';
import { PamError } from '../core/errors';
import { messageOf } from '../core/thrown';
import { requireOwn } from './ownPath';
import { type Config, configSchema, environmentNames, listVariables } from './schema';

export interface LoadOptions {
  /** Configuration file; absent: PAM_CONFIG, else ./pam.yaml if it exists. */
  readonly file?: string | undefined;
  readonly env?: NodeJS.ProcessEnv;
}

type Settings = { [key: string]: unknown };

const isSettings = (value: unknown): value is Settings =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Reads, merges and checks the configuration. Throws PamError NOT_FOUND (named file), INVALID_CONFIG, or DENIED if it or the
 * state folder is another user's.
 */
export function loadConfig(options: LoadOptions = {}): Config {
  const env = options.env ?? process.env;
  const file = configFile(options.file, env);
  if (file !== null) requireOwn(file, 'the configuration');
  const settings = file === null ? {} : readSettings(file);
  const variables = applyEnvironment(settings, env);
  applyProfile(settings, env);
  const parsed = configSchema.safeParse(settings);
  if (parsed.success) {
    requireOwn(parsed.data.stateDir, 'the state folder');
    return parsed.data;
  }
  const complaints = parsed.error.issues.map((issue) => {
    const key = issue.path.join('.');
    const variable = [...variables].find(([path]) => key === path || key.startsWith(`${path}.`))?.[1];
    const where = variable ?? `${file ?? 'configuration'}: ${key || '(top level)'}`;
    return `${where}: ${issue.message}`;
  });
  throw new PamError('INVALID_CONFIG', complaints.join('\n'));
}

/** Absolute path of the file in use; null without one. Throws PamError NOT_FOUND if a named one is missing. */
export function configFile(named: string | undefined, env: NodeJS.ProcessEnv = process.env): string | null {
  const chosen = named ?? (env.PAM_CONFIG || undefined);
  if (chosen === undefined) return existsSync('pam.yaml') ? resolve('pam.yaml') : null;
  if (!existsSync(chosen))
    throw new PamError(
      'NOT_FOUND',
      `${named === undefined ? 'PAM_CONFIG' : '--config'}: no file ${chosen}; see pam.example.yaml for one`,
    );
  return resolve(chosen);
}

function readSettings(file: string): Settings {
  let content: unknown;
  try {
    content = parse(readFileSync(file, 'utf8'), { prettyErrors: true });
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    const line = error.linePos?.[0].line;
    throw new PamError(
      'INVALID_CONFIG',
      `${file}${line === undefined ? '' : `:${line}`}: not valid YAML: ${error.message.split('\n')[0]}`,
    );
  }
  if (content === null || content === undefined) return {};
  // YAML reads a group whose settings are all commented out as null.
  if (isSettings(content))
    return Object.fromEntries(Object.entries(content).filter(([, value]) => value !== null));
  throw new PamError(
    'INVALID_CONFIG',
    `${file}: expected settings such as "stateDir: .pam" at the top level`,
  );
}

/** A profile that was chosen says which server and namespace, unless they are chosen as well. TLS and keys stay with it. */
function applyProfile(settings: Settings, env: NodeJS.ProcessEnv): void {
  const { temporal } = settings;
  if (!isSettings(temporal) || typeof temporal.profile !== 'string') return;
  const { profile } = temporal;
  try {
    const set = Object.entries(env).filter((entry): entry is [string, string] => Boolean(entry[1]));
    const { address, namespace } = loadClientConfigProfile({
      profile,
      overrideEnvVars: Object.fromEntries(set),
    });
    settings.temporal = {
      ...(address === undefined ? {} : { address }),
      ...(namespace === undefined ? {} : { namespace }),
      ...temporal,
    };
  } catch (error) {
    throw new PamError('INVALID_CONFIG', `temporal.profile: ${profile}: ${messageOf(error)}`);
  }
}

/** Puts the variables that are set into `settings`, and returns path → variable. An empty variable counts as unset. */
function applyEnvironment(settings: Settings, env: NodeJS.ProcessEnv): Map<string, string> {
  const applied = new Map<string, string>();
  for (const [variable, path] of Object.entries(environmentNames)) {
    const value = env[variable];
    if (value === undefined || value === '') continue;
    const keys = path.split('.');
    const last = keys.pop() ?? path;
    let group = settings;
    for (const key of keys) {
      const inner = group[key];
      const next: Settings = isSettings(inner) ? inner : {};
      // A group that is no group in the file stays as it is: the check reports it.
      if (inner !== undefined && inner !== null && !isSettings(inner)) break;
      group[key] = next;
      group = next;
    }
    group[last] = listVariables.has(variable) ? value.split(',').map((part) => part.trim()) : value;
    applied.set(path, variable);
  }
  return applied;
}
