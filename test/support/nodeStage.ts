/** A state folder with a compiled built-in node and the tools that node tests need; leaves nothing running behind. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { processesWithEnvironment } from '../../adapters/nodes/local/processIdentity';
import { stopAllNodes } from '../../adapters/nodes/local/stopAllNodes';
import { categoryInput, type NodeTemplate } from '../../core/category/settings';
import type { PoolSpec } from '../../ports/nodePool';

export interface NodeStage {
  readonly stateDir: string;
  readonly builtInNode: string;
  /** Pids of the node processes of this stage, recorded or not. */
  pids(): number[];
  close(): Promise<void>;
}

export function nodeStage(): NodeStage {
  const root = mkdtempSync(join(tmpdir(), 'pam-nodes-'));
  const stateDir = join(root, 'state');
  mkdirSync(stateDir);
  const builtInNode = join(root, 'server.js');
  const compiler: { compileTo(source: string, target: string): void } = require('./compileTypeScript.js');
  compiler.compileTo(resolve(__dirname, '../../adapters/nodes/local/builtInNode/server.ts'), builtInNode);
  return {
    stateDir,
    builtInNode,
    pids: () => processesWithEnvironment({ PAM_STATE: stateDir }, 'PAM_NODE_ID').map(({ pid }) => pid),
    async close() {
      await stopAllNodes(stateDir, () => undefined);
      rmSync(root, { recursive: true, force: true });
    },
  };
}

export function nodeTemplate(change: Partial<NodeTemplate> = {}): NodeTemplate {
  const { node } = categoryInput.parse({ name: 'any', match: { pathPrefix: '/' } });
  return { ...node, serviceTimeMs: 20, drainMs: 5_000, ...change };
}

/** Local nodes that come up at once and do as `x-service-ms` says, with a rule for the paths of their category. */
export function poolSpec(category: string, nodes: number, change: Partial<PoolSpec> = {}): PoolSpec {
  return {
    category,
    nodes,
    rule: { category, match: { pathPrefix: `/${category}` } },
    provider: 'local',
    template: nodeTemplate(),
    settings: { bootTime: '1ms', env: { PAM_SERVICE_HEADER_MS: '10000' } },
    createdBy: `category:${category}/run-1`,
    ...change,
  };
}

export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  withinMs = 10_000,
): Promise<void> {
  for (const endMs = Date.now() + withinMs; !(await holds()); await sleep(20))
    if (Date.now() > endMs) throw new Error(`not within ${withinMs} ms: ${what}`);
}

/** The tool that a variable names; a test without it fails. */
export function requiredTool(variable: string): string {
  const value = process.env[variable];
  if (value === undefined || value === '') throw new Error(`${variable} must name the executable`);
  return value;
}
