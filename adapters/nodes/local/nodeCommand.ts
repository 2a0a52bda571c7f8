/** From what a node was ordered as, the command and the whole environment that its process starts with. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { PamError } from '../../../core/errors';
import { type NodeOrder, nodeTags } from '../../../ports/nodeOrder';
import { markOf } from './nodeMark';
import type { ProcessSettings } from './processSettings';
import { settingsOf } from './settings';

/** What a node inherits: enough to run a program, nothing that may hold a secret of the worker or leads to its files. */
const inherited = ['PATH', 'LANG', 'LC_ALL', 'TZ'];

/** The compiled built-in node; beside this file in `dist/`, or in `dist/` when run from the sources. */
export function builtInNodePath(): string {
  const beside = resolve(__dirname, 'builtInNode/server.js');
  const compiled = resolve(__dirname, '../../../dist/adapters/nodes/local/builtInNode/server.js');
  for (const path of [beside, compiled]) if (existsSync(path)) return path;
  throw new PamError('TOOL_MISSING', `the built-in node is not compiled (${compiled}): run "npx tsc -p ."`);
}

export interface NodeCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Record<string, string>;
}

/** `local.env` may add and change anything but what identifies the node. Throws TOOL_MISSING, see above. */
export function nodeCommand(
  order: NodeOrder,
  where: {
    readonly stateDir: string;
    /** Its working directory, which is its home too. */
    readonly folder: string;
    readonly host: string;
    readonly port: number;
  },
  what: ProcessSettings,
  builtInNode: readonly string[] = what.command === null ? [process.execPath, builtInNodePath()] : [],
): NodeCommand {
  const { template } = order;
  const settings = settingsOf(order);
  const tags = nodeTags(order);
  const [command, ...args] = what.command ?? builtInNode;
  if (command === undefined)
    throw new PamError('INVALID_INPUT', `local.command of ${order.category}: expected a program`);
  const env: Record<string, string> = {};
  for (const name of inherited) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  Object.assign(env, { HOME: where.folder, TMPDIR: where.folder }, what.env, {
    HOST: where.host,
    PORT: String(where.port),
    PAM_STATE: resolve(where.stateDir),
    PAM_NODE_ID: order.id,
    PAM_CATEGORY: order.category,
    PAM_STACK: order.stack,
    PAM_CREATED_BY: order.createdBy,
    PAM_EXPIRY: tags.expiry,
    PAM_CONCURRENCY: String(template.concurrency),
    PAM_SERVICE_MS: String(template.serviceTimeMs),
    PAM_BOOT_MS: String(settings.bootTimeMs),
    PAM_DRAIN_MS: String(template.drainMs),
    PAM_HEALTH_PATH: settings.healthPath,
    ...markOf(order),
  });
  return { command, args, env };
}
