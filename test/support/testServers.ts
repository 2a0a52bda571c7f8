/**
 * What the global set-up started, kept where Jest's set-up and teardown of every project see it (each loads its own
 * copy of a module, all share one process).
 */

import { isRunning } from '../../adapters/nodes/local/processIdentity';
import { type ProcessRecord, stopProcess } from '../../installation/servers/process';

export interface TestServers {
  readonly processes: { readonly record: ProcessRecord; readonly signal: NodeJS.Signals }[];
  readonly removals: (() => void)[];
  readonly variables: string[];
}

declare global {
  var pamTestServers: TestServers | undefined;
}

export function testServers(): TestServers {
  if (globalThis.pamTestServers === undefined) {
    const servers: TestServers = { processes: [], removals: [], variables: [] };
    globalThis.pamTestServers = servers;
    // A run that ends without its teardown (an exit in the middle) still takes its servers along.
    process.once('exit', () => {
      for (const { record } of servers.processes) if (isRunning(record)) process.kill(record.pid, 'SIGKILL');
      for (const remove of servers.removals) remove();
    });
    for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT'] as const)
      process.once(signal, () => process.exit(130));
  }
  return globalThis.pamTestServers;
}

/** Stops and deletes everything; doing it twice is harmless. */
export async function stopTestServers(): Promise<void> {
  const servers = testServers();
  await Promise.all(
    servers.processes.splice(0).map(({ record, signal }) => stopProcess(record, signal, 5_000)),
  );
  for (const remove of servers.removals.splice(0)) remove();
  for (const variable of servers.variables.splice(0)) delete process.env[variable];
}
