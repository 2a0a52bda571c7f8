/**
 * For a user without rights: starts a node as `auto` would have it, its command given as JSON, and prints of which kind its
 * user is and what it wrote. `node -r compileTypeScript.js nodeInNamespace.ts JSON`
 */
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeUsers } from '../../adapters/nodes/local/nodeUser';
import { processesWithEnvironment, signalProcess } from '../../adapters/nodes/local/processIdentity';
import { spawnNode } from '../../adapters/nodes/local/spawnNode';

interface Order {
  readonly stateDir: string;
  readonly folder: string;
  readonly command: readonly string[];
}

async function main({ stateDir, folder, command }: Order): Promise<void> {
  const { of, warning } = nodeUsers();
  const user = of('checkout');
  const log = join(stateDir, 'node.log');
  const output = openSync(log, 'a', 0o600);
  const [program = '', ...args] = command;
  const env = { PATH: process.env.PATH ?? '', PAM_NODE_ID: `in-${process.pid}`, WORKER: String(process.pid) };
  const child = spawnNode({ command: program, args, env }, { user, folder, hidden: [stateDir], output });
  closeSync(output);
  const written = (): string => readFileSync(log, 'utf8');
  for (let waited = 0; waited < 5_000 && !written().includes('\n'); waited += 20)
    await new Promise((resolve) => setTimeout(resolve, 20));
  // The worker finds it by its environment and may end it.
  const marked = processesWithEnvironment({ PAM_NODE_ID: `in-${process.pid}` });
  const ended = marked.map((identity) => signalProcess(identity, 'SIGKILL'));
  const found = marked.some(({ pid }) => pid === child.pid);
  console.log(JSON.stringify({ kind: user.kind, warning, found, ended, said: written() }));
}

void main(JSON.parse(process.argv[2] ?? '{}'));
