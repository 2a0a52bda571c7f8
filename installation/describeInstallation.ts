/** A state folder → what runs where, and whether it does its work: every part is asked, all at once, for a few seconds. */
import { existsSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { listProcessFiles } from '../adapters/nodes/local/processFiles';
import { isRunning } from '../adapters/nodes/local/processIdentity';
import { redact } from '../core/text/redact';
import { type Installation, readInstallation } from './installation';
import { workerNames } from './provideWorkers';
import { answers, portOf } from './servers/ports';
import type { ProcessRecord } from './servers/process';
import { ageMsOf, isSuspended } from './servers/processTable';
import { isStateLocked } from './stateLock';
import { askDiscovery, askEnvoy, askPostgres, askTemporal, askUi } from './status/askServers';
import { askWorker, signsOfLife } from './status/askWorkers';
import { firstSeen } from './status/firstSeen';
import { type Answer, answerWithin, type PartState, patienceMs } from './status/partState';

export interface PartDescription {
  readonly name: string;
  readonly state: PartState;
  /** `ours`: started by `pam up`; `existing`: was there before. */
  readonly kind: 'ours' | 'existing';
  /** Its address without secrets; null for a worker. */
  readonly address: string | null;
  readonly pid: number | null;
  readonly log: string | null;
  /** What is wrong, in words; null if nothing is. */
  readonly why: string | null;
  /** Since when at least, ms; null if nothing is wrong. */
  readonly sinceMs: number | null;
}

export interface InstallationDescription {
  readonly stateDir: string;
  /** Whether every part does its work. */
  readonly up: boolean;
  readonly parts: readonly PartDescription[];
  readonly temporalUi: string | null;
  /** Where requests enter; null before the first start. */
  readonly entry: string | null;
  readonly logs: string;
  readonly nodes: number;
  /** Node processes that a signal has suspended. */
  readonly suspendedNodes: number;
}

export async function describeInstallation(stateDir: string): Promise<InstallationDescription> {
  const folder = existsSync(stateDir) ? realpathSync(stateDir) : resolve(stateDir);
  const installation = readInstallation(folder);
  const parts = installation === null ? [] : await describeParts(installation);
  const nodes = listProcessFiles(folder).filter(isRunning);
  const suspendedNodes = nodes.filter(({ pid }) => isSuspended(pid)).length;
  return {
    stateDir: folder,
    up: suspendedNodes === 0 && parts.length > 0 && parts.every(({ state }) => state === 'up'),
    parts,
    temporalUi: installation?.temporal.uiUrl ?? null,
    entry: installation?.envoy.listenUrl || null,
    logs: join(folder, 'logs'),
    nodes: nodes.length,
    suspendedNodes,
  };
}

/** Asks every part; `deadlineMs` bounds all of it. */
export async function describeParts(
  installation: Installation,
  deadlineMs = patienceMs,
): Promise<PartDescription[]> {
  const { temporal, database, envoy, discovery, processes, stateDir } = installation;
  const nowMs = Date.now();
  const workers = processes.filter(({ name }) => workerNames.includes(name)).filter(isRunning);
  const signs = signsOfLife({ databaseUrl: database.url, temporal }, workers, deadlineMs);
  const servers = [
    {
      ...{ name: 'temporal', address: temporal.address, ours: temporal.uiUrl !== null },
      ask: () => askTemporal(temporal, deadlineMs),
    },
    ...(temporal.uiUrl === null
      ? []
      : [
          {
            ...{ name: 'temporal ui', address: temporal.uiUrl, ours: true },
            ask: () => askUi(temporal.uiUrl ?? '', deadlineMs),
          },
        ]),
    {
      ...{ name: 'postgres', address: database.url, ours: database.ours },
      ask: () => askPostgres(database.url, deadlineMs),
    },
    ...(discovery.address === ''
      ? []
      : [
          {
            ...{ name: 'discovery', address: discovery.address, ours: true },
            ask: () => askDiscovery(discovery.address, deadlineMs),
          },
        ]),
    {
      ...{ name: 'envoy', address: envoy.adminUrl, ours: envoy.binary !== null },
      ask: () => askEnvoy(envoy, deadlineMs),
    },
  ];
  const startUnderWay = () => isStateLocked(stateDir);
  const parts = await Promise.all([
    ...servers.map((part) => describe(part, recordOf(part.name, processes), deadlineMs, startUnderWay)),
    ...workerNames.map((name) => {
      const record = recordOf(name, processes);
      const ask = async () => askWorker(record as ProcessRecord, await signs, nowMs);
      return describe({ name, address: null, ours: true, ask }, record, deadlineMs + 1_000, startUnderWay);
    }),
  ]);
  const troubles = parts.filter(({ state }) => state !== 'up').map(({ name, state }) => [name, state]);
  const since = firstSeen(stateDir, Object.fromEntries(troubles), nowMs);
  return parts.map((part) => ({ ...part, sinceMs: part.sinceMs ?? since[part.name] ?? null }));
}

const recordOf = (name: string, processes: readonly ProcessRecord[]): ProcessRecord | undefined =>
  processes.find((one) => one.name === name);

interface Part {
  readonly name: string;
  readonly address: string | null;
  readonly ours: boolean;
  readonly ask: () => Promise<Answer>;
}

async function describe(
  part: Part,
  record: ProcessRecord | undefined,
  deadlineMs: number,
  startUnderWay: () => Promise<boolean>,
): Promise<PartDescription> {
  const alive = record !== undefined && isRunning(record);
  return {
    name: part.name,
    kind: part.ours ? 'ours' : 'existing',
    address: part.address === null ? null : redact(part.address),
    pid: alive ? record.pid : null,
    log: record?.log ?? null,
    ...(await stateOf(part, alive ? record : null, deadlineMs, startUnderWay)),
  };
}

/** Longest that a part takes to answer after its start, ms. */
const startMs = 60_000;

async function stateOf(
  { ours, address, ask }: Part,
  record: ProcessRecord | null,
  deadlineMs: number,
  startUnderWay: () => Promise<boolean>,
): Promise<Answer> {
  const down = (why: string): Answer => ({ state: 'down', why, sinceMs: null });
  const ended = down('its process has ended; "pam up" starts it again');
  if (ours && record === null) return ended;
  if (address === '') return down('its address is not known: run "pam up"');
  const suspended = () => record !== null && isSuspended(record.pid);
  const answer = suspended() ? null : await answerWithin(ask, deadlineMs);
  // It may have ended or been suspended while it was asked.
  if (record !== null && !isRunning(record)) return ended;
  if (answer === null || suspended()) {
    const why = `a signal has suspended its process; "kill -CONT ${record?.pid}" lets it go on`;
    return { state: 'hanging', why, sinceMs: null };
  }
  if (answer.state !== 'hanging') return answer;
  if (record === null) return (await reachable(address)) ? answer : { ...answer, state: 'down' };
  return ageMsOf(record) < startMs && (await startUnderWay()) ? { ...answer, state: 'starting' } : answer;
}

function reachable(address: string | null): Promise<boolean> {
  if (!address || address.startsWith('unix:')) return Promise.resolve(false);
  const url = new URL(address.includes('://') ? address : `tcp://${address}`);
  const usual = { 'postgres:': 5432, 'postgresql:': 5432, 'https:': 443, 'http:': 80 }[url.protocol] ?? 7233;
  return answers(url.hostname.replace(/^\[|\]$/g, ''), portOf(url.host) || usual, 1_000);
}
