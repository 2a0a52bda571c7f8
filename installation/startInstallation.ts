/**
 * The configuration → a running installation: Temporal, PostgreSQL, discovery, Envoy and the workers. Each is kept if it runs,
 * restarted if it died, and left out if the configuration names an existing one.
 */
import { mkdirSync, realpathSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isRunning } from '../adapters/nodes/local/processIdentity';
import { requireOwn } from '../config/ownPath';
import type { Config } from '../config/schema';
import { closeStateFolder } from './closeStateFolder';
import { describeParts } from './describeInstallation';
import { type Installation, readRunFile, runFile, writeInstallation } from './installation';
import { provideDatabase } from './provideDatabase';
import { provideDiscovery } from './provideDiscovery';
import { provideEnvoy } from './provideEnvoy';
import { provideTemporal } from './provideTemporal';
import { provideWorkers } from './provideWorkers';
import { emptyInstallation, recallInstallation } from './recallInstallation';
import { type ProcessRecord, stopProcess } from './servers/process';
import type { StartContext, StartOptions } from './startContext';
import { withStateLock } from './stateLock';
import { stopSignals } from './stopSignals';
import { findTool } from './tools/findTool';

/** What has not answered by then is replaced, ms: a busy machine may need seconds. */
const hangingAfterMs = 10_000;

/**
 * Starts what does not run yet, and again what hangs; resolves when all of it is ready. If one part fails, the parts that this call started
 * are stopped again. Throws PamError: TOOL_MISSING, UNAVAILABLE (with the last log lines), INVALID_CONFIG, CONFLICT.
 */
export function startInstallation(
  config: Config,
  report: (line: string) => void,
  options: StartOptions = {},
): Promise<Installation> {
  requireOwn(config.stateDir, 'the state folder');
  mkdirSync(resolve(config.stateDir), { recursive: true, mode: 0o700 });
  // Whichever link a caller comes by, the workers are the same.
  const stateDir = realpathSync(config.stateDir);
  closeStateFolder(stateDir, report);
  return withStateLock(stateDir, () => start({ ...config, stateDir }, report, options));
}

/** `config.stateDir` is the folder itself, no link to it. */
async function start(
  config: Config,
  report: (line: string) => void,
  options: StartOptions,
): Promise<Installation> {
  const { stateDir } = config;
  const previous = await adoptWhatRuns(stateDir, report);
  let installation: Installation = previous ?? emptyInstallation(stateDir);
  const begun: ProcessRecord[] = [];
  // Reads the record when it is called: processes are added while a part is awaited.
  const update = (change: Partial<Installation>) => {
    installation = { ...installation, ...change };
    writeInstallation(installation);
  };
  const without = (name: string) => installation.processes.filter((record) => record.name !== name);
  const context: StartContext = {
    config,
    stateDir,
    previous,
    report,
    signal: options.signal,
    running: (name) =>
      installation.processes.find((record) => record.name === name && isRunning(record)) ?? null,
    started(record) {
      begun.push(record);
      update({ processes: [...without(record.name), record] });
    },
    async replace(record) {
      await stopProcess(record, ...stopSignals(record.name));
      update({ processes: without(record.name) });
    },
  };
  try {
    update({ startedMs: Date.now(), stopped: false });
    if (previous !== null) await replaceWhatHangs(context, previous);
    const backendUrl = config.pulumi.backendUrl ?? `file://${join(stateDir, 'pulumi')}`;
    if (config.pulumi.backendUrl === undefined)
      mkdirSync(join(stateDir, 'pulumi'), { recursive: true, mode: 0o700 });
    update({ pulumi: { binary: await findTool('pulumi', report), backendUrl } });
    update({ temporal: await provideTemporal(context) });
    update({ database: await provideDatabase(context) });
    update({ discovery: await provideDiscovery(context, installation.database.url, options) });
    update({ envoy: await provideEnvoy(context, installation.discovery.address) });
    update({ workersFingerprint: await provideWorkers(context, installation, options) });
    return installation;
  } catch (error) {
    if (begun.length > 0) report('stopping what was started');
    for (const record of begun.reverse()) await stopProcess(record, ...stopSignals(record.name));
    update({ processes: installation.processes.filter(isRunning) });
    throw error;
  }
}

/** What exists and does nothing would be kept as running. */
async function replaceWhatHangs(context: StartContext, previous: Installation): Promise<void> {
  for (const { name, state, kind, why } of await describeParts(previous, hangingAfterMs)) {
    const record = context.running(name);
    if (state !== 'hanging' || kind !== 'ours' || record === null) continue;
    context.report(`${name}: hangs (${why}), replacing it`);
    await context.replace(record);
  }
}

/** The installation as it is: addresses on record, processes by their mark, of each part one. */
async function adoptWhatRuns(stateDir: string, report: (line: string) => void): Promise<Installation | null> {
  const { installation: recorded, damage } = readRunFile(stateDir);
  if (damage !== null) {
    report(`${runFile(stateDir)} is damaged (${damage}): it is written again from what runs`);
    rmSync(runFile(stateDir), { recursive: true, force: true });
  }
  const recalled = recallInstallation(stateDir, recorded);
  if (recalled === null) return null;
  const { installation, surplus } = recalled;
  const found = installation.processes.filter(
    ({ pid }) => recorded?.processes.some((one) => one.pid === pid) !== true,
  );
  if (found.length > 0)
    report(`found by its mark: ${found.map(({ name, pid }) => `${name} (pid ${pid})`).join(', ')}`);
  for (const part of surplus) {
    report(`${part.name}: a second one runs (pid ${part.pid}), stopping it`);
    await stopProcess(part, ...stopSignals(part.name));
  }
  return installation;
}
