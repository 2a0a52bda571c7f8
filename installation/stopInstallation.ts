/** A state folder → nothing of its installation runs: workers, nodes, proxy, servers. */
import { existsSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, parse } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning, signalProcess } from '../adapters/nodes/local/processIdentity';
import { stopAllNodes } from '../adapters/nodes/local/stopAllNodes';
import { requireOwn } from '../config/ownPath';
import { PamError } from '../core/errors';
import { readRunFile, writeInstallation } from './installation';
import { recallInstallation } from './recallInstallation';
import { type ProcessRecord, stopProcess } from './servers/process';
import { markedProcesses } from './startedBy';
import { withStateLock } from './stateLock';
import { isWorker, stopSignals } from './stopSignals';

export interface StopOptions {
  /** Also deletes the state folder: data, logs, workflows, Pulumi's state. */
  readonly purge?: boolean;
}

/**
 * Stops workers, then nodes, Envoy, Temporal and PostgreSQL together. Workflows are not asked; they continue at the next
 * start. What runs is found by its mark, with or without run.json. Existing servers are left alone. Resolves to the number of processes that were ended.
 */
export async function stopInstallation(
  stateDir: string,
  report: (line: string) => void,
  options: StopOptions = {},
): Promise<number> {
  if (!existsSync(stateDir)) return 0;
  requireOwn(stateDir, 'the state folder');
  const folder = realpathSync(stateDir);
  if (options.purge) requirePurgeable(folder);
  const ended = await withStateLock(folder, () => stopEverything(folder, report));
  if (options.purge) purge(folder, report);
  return ended;
}

async function stopEverything(folder: string, report: (line: string) => void): Promise<number> {
  const { installation: recorded, damage } = readRunFile(folder);
  if (damage !== null) report(`run.json is damaged (${damage}): what runs is found by its mark`);
  const recalled = recallInstallation(folder, recorded);
  const processes = [...(recalled?.installation.processes ?? []), ...(recalled?.surplus ?? [])];
  let ended = 0;
  const stop = async (record: ProcessRecord) => {
    const how = await stopProcess(record, ...stopSignals(record.name));
    if (how === 'gone') return;
    ended++;
    report(`${record.name}: ${how === 'stopped' ? 'stopped' : 'killed, it did not end when asked'}`);
  };
  // Workers first: they free their leases in the database and finish what they have begun. The rest needs nobody.
  await Promise.all(processes.filter(isWorker).map(stop));
  const [nodes] = await Promise.all([
    stopAllNodes(folder, report),
    ...processes.filter((one) => !isWorker(one)).map(stop),
  ]);
  ended += nodes + (await stopLeftovers(folder, report));
  if (recalled !== null) writeInstallation({ ...recalled.installation, processes: [], stopped: true });
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
  // run.json may be what was lost.
  const ours = ['run.json', 'temporal/temporal.db', 'postgres/password'].some((file) =>
    existsSync(join(folder, file)),
  );
  const precious = folder === parse(folder).root || folder === homedir();
  if (!ours || precious || existsSync(join(folder, '.git')) || existsSync(join(folder, 'package.json')))
    throw new PamError(
      'INVALID_INPUT',
      `${folder} does not look like a state folder of PAM (none of its files is in it, or it is a checkout), so it is not deleted`,
    );
}

function purge(folder: string, report: (line: string) => void): void {
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
