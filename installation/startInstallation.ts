/**
 * The configuration → a running installation: Temporal, PostgreSQL, discovery, Envoy and the workers. Each is kept if it runs,
 * restarted if it died, and left out if the configuration names an existing one.
 */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isRunning } from '../adapters/nodes/local/processIdentity';
import { requireOwn } from '../config/ownPath';
import type { Config } from '../config/schema';
import { closeStateFolder } from './closeStateFolder';
import { type Installation, readInstallation, writeInstallation } from './installation';
import { provideDatabase } from './provideDatabase';
import { provideDiscovery } from './provideDiscovery';
import { provideEnvoy } from './provideEnvoy';
import { provideTemporal } from './provideTemporal';
import { provideWorkers } from './provideWorkers';
import { type ProcessRecord, stopProcess } from './servers/process';
import type { StartContext, StartOptions } from './startContext';
import { withStateLock } from './stateLock';
import { stopSignals } from './stopSignals';
import { findTool } from './tools/findTool';

/**
 * Starts what does not run yet; resolves when all of it is ready. If one part fails, the parts that this call started
 * are stopped again. Throws PamError: TOOL_MISSING, UNAVAILABLE (with the last log lines), INVALID_CONFIG, CONFLICT.
 */
export function startInstallation(
  config: Config,
  report: (line: string) => void,
  options: StartOptions = {},
): Promise<Installation> {
  const stateDir = resolve(config.stateDir);
  requireOwn(stateDir, 'the state folder');
  closeStateFolder(stateDir, report);
  return withStateLock(stateDir, () => start(config, stateDir, report, options));
}

async function start(
  config: Config,
  stateDir: string,
  report: (line: string) => void,
  options: StartOptions,
): Promise<Installation> {
  const previous = readInstallation(stateDir);
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
    update({ startedMs: Date.now() });
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

/** The record before the first part runs; an empty address is not known yet. */
function emptyInstallation(stateDir: string): Installation {
  return {
    stateDir,
    startedMs: 0,
    temporal: { address: '', namespace: '', uiUrl: null },
    database: { url: '', ours: true },
    envoy: { adminUrl: '', listenUrl: '', binary: null },
    discovery: { address: '', fingerprint: '' },
    pulumi: { binary: '', backendUrl: '' },
    processes: [],
  };
}
