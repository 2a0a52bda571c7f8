/** A state folder → nothing of its installation runs: workers, nodes, proxy, servers. */
import { existsSync, readlinkSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, parse, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { removeNodeFolders } from '../adapters/nodes/local/nodeFolders';
import { isRunning, signalProcess, userOf } from '../adapters/nodes/local/processIdentity';
import { stopAllNodes } from '../adapters/nodes/local/stopAllNodes';
import { requireOwn } from '../config/ownPath';
import { PamError } from '../core/errors';
import { readInstallation, writeInstallation } from './installation';
import { type ProcessRecord, stopProcess } from './servers/process';
import { markedProcesses } from './startedBy';
import { withStateLock } from './stateLock';
import { stopOrder, stopSignals } from './stopSignals';

export interface StopOptions {
  /** Also deletes the state folder: data, logs, workflows, Pulumi's state. */
  readonly purge?: boolean;
}

/**
 * Stops workers, then nodes, then Envoy, Temporal and PostgreSQL. Workflows are not asked; they continue at the next
 * start. Existing servers are left alone. Resolves to the number of processes that were ended.
 */
export async function stopInstallation(
  stateDir: string,
  report: (line: string) => void,
  options: StopOptions = {},
): Promise<number> {
  const folder = resolve(stateDir);
  if (!existsSync(folder)) return 0;
  requireOwn(folder, 'the state folder');
  if (options.purge) requirePurgeable(folder);
  const ended = await withStateLock(folder, () => stopEverything(folder, report));
  if (options.purge) purge(folder, report);
  return ended;
}

async function stopEverything(folder: string, report: (line: string) => void): Promise<number> {
  const installation = readInstallation(folder);
  const marked = new Set(markedProcesses(folder).map(({ pid }) => pid));
  // A record may name whatever process it was made to name.
  const isOurs = ({ pid }: ProcessRecord) => marked.has(pid) || userOf(pid) === process.getuid?.();
  const processes = (installation?.processes ?? []).filter(isOurs);
  const isWorker = ({ name }: ProcessRecord) => name.endsWith('worker');
  let ended = 0;
  const stop = async (record: ProcessRecord) => {
    const how = await stopProcess(record, ...stopSignals(record.name));
    if (how === 'gone') return;
    ended++;
    report(`${record.name}: ${how === 'stopped' ? 'stopped' : 'killed, it did not end when asked'}`);
  };
  await Promise.all(processes.filter(isWorker).map(stop));
  ended += await stopAllNodes(folder, report);
  const rank = ({ name }: ProcessRecord) => stopOrder.indexOf(name);
  for (const record of processes.filter((one) => !isWorker(one)).sort((a, b) => rank(a) - rank(b)))
    await stop(record);
  ended += await stopLeftovers(folder, report);
  if (installation !== null) writeInstallation({ ...installation, processes: [] });
  return ended;
}

/**
 * Processes that carry the installation’s mark and are not recorded: Pulumi of a killed worker, a server of a start
 * that crashed.
 */
async function stopLeftovers(folder: string, report: (line: string) => void): Promise<number> {
  const leftovers = markedProcesses(folder);
  for (const one of leftovers) signalProcess(one, 'SIGTERM');
  for (let waited = 0; waited < 5_000 && leftovers.some(isRunning); waited += 50) await sleep(50);
  for (const one of leftovers) signalProcess(one, 'SIGKILL');
  for (let waited = 0; waited < 5_000 && leftovers.some(isRunning); waited += 50) await sleep(50);
  if (leftovers.length > 0) report(`stopped ${leftovers.length} more processes that were not recorded`);
  return leftovers.length;
}

/** Refuses to delete what can’t be a state folder of PAM. */
function requirePurgeable(folder: string): void {
  const ours = existsSync(join(folder, 'run.json'));
  const precious = folder === parse(folder).root || folder === homedir();
  if (!ours || precious || existsSync(join(folder, '.git')) || existsSync(join(folder, 'package.json')))
    throw new PamError(
      'INVALID_INPUT',
      `${folder} does not look like a state folder of PAM (no run.json in it, or a checkout), so it is not deleted`,
    );
}

function purge(folder: string, report: (line: string) => void): void {
  removeNodeFolders(folder);
  const data = join(folder, 'postgres', 'data');
  try {
    // The data folder may be a link to a place that the server’s user can reach.
    const elsewhere = readlinkSync(data);
    if (elsewhere.startsWith('/var/tmp/pam-postgres-')) rmSync(elsewhere, { recursive: true, force: true });
  } catch {
    // No link: the data are inside the folder.
  }
  rmSync(folder, { recursive: true, force: true });
  report(`deleted ${folder}`);
}
