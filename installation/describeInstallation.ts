/** A state folder → what runs where. */
import { join, resolve } from 'node:path';
import { listProcessFiles } from '../adapters/nodes/local/processFiles';
import { isRunning } from '../adapters/nodes/local/processIdentity';
import { redact } from '../core/text/redact';
import { type Installation, readInstallation } from './installation';
import { answers, portOf } from './servers/ports';

export interface PartDescription {
  readonly name: string;
  readonly state: 'up' | 'down';
  /** `ours`: started by `pam up`; `existing`: was there before. */
  readonly kind: 'ours' | 'existing';
  /** Its address without secrets; null for a worker. */
  readonly address: string | null;
  readonly pid: number | null;
  readonly log: string | null;
}

export interface InstallationDescription {
  readonly stateDir: string;
  /** Whether every part is up. */
  readonly up: boolean;
  readonly parts: readonly PartDescription[];
  readonly temporalUi: string | null;
  /** Where requests enter; null before the first start. */
  readonly entry: string | null;
  readonly logs: string;
  readonly nodes: number;
}

export async function describeInstallation(stateDir: string): Promise<InstallationDescription> {
  const folder = resolve(stateDir);
  const installation = readInstallation(folder);
  const parts = installation === null ? [] : await describeParts(installation);
  return {
    stateDir: folder,
    up: parts.length > 0 && parts.every(({ state }) => state === 'up'),
    parts,
    temporalUi: installation?.temporal.uiUrl ?? null,
    entry: installation?.envoy.listenUrl || null,
    logs: join(folder, 'logs'),
    nodes: listProcessFiles(folder).filter(isRunning).length,
  };
}

function describeParts(installation: Installation): Promise<PartDescription[]> {
  const { temporal, database, envoy, discovery } = installation;
  return Promise.all(
    [
      { name: 'temporal', address: temporal.address, ours: temporal.uiUrl !== null },
      { name: 'postgres', address: database.url, ours: database.ours },
      ...(discovery.address === '' ? [] : [{ name: 'discovery', address: discovery.address, ours: true }]),
      { name: 'envoy', address: envoy.adminUrl, ours: envoy.binary !== null },
      { name: 'allocation worker', address: null, ours: true },
      { name: 'training worker', address: null, ours: true },
    ].map(async ({ name, address, ours }): Promise<PartDescription> => {
      const record = installation.processes.find((one) => one.name === name);
      const alive = record !== undefined && isRunning(record);
      return {
        name,
        state: (ours ? alive : await reachable(address)) ? 'up' : 'down',
        kind: ours ? 'ours' : 'existing',
        address: address === null ? null : redact(address),
        pid: alive ? record.pid : null,
        log: record?.log ?? null,
      };
    }),
  );
}

function reachable(address: string | null): Promise<boolean> {
  if (!address) return Promise.resolve(false);
  const url = new URL(address.includes('://') ? address : `tcp://${address}`);
  const usual = { 'postgres:': 5432, 'postgresql:': 5432, 'https:': 443, 'http:': 80 }[url.protocol] ?? 7233;
  return answers(url.hostname.replace(/^\[|\]$/g, ''), portOf(url.host) || usual, 2_000);
}
