/**
 * A state folder and what its `run.json` says, if anything → the installation as it is. Each part carries its own facts and the
 * workers the addresses of all, so a lost file is written again from what runs, and a pid that is someone else's by now is
 * dropped.
 */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { type Installation, installationSchema } from './installationRecord';
import { postgresUrl } from './servers/postgresServer';
import { variableOf } from './servers/processTable';
import { type RunningPart, runningParts } from './startedBy';

/** Name of the embedded database, and of the roles of workers and of commands that only read. */
export const databaseName = 'pam';
export const runtimeRole = 'pam_runtime';
export const readerRole = 'pam_reader';

const { temporal, envoy, discovery, pulumi } = installationSchema.shape;
const shapes = {
  temporal,
  envoy,
  discovery,
  postgres: z.object({ port: z.number() }),
  worker: z.object({
    fingerprint: z.string(),
    temporal,
    envoy,
    discovery,
    pulumi,
    databaseIsOurs: z.boolean(),
  }),
};

export interface Recalled {
  readonly installation: Installation;
  /** Parts beside those of the installation: a start that had lost its record has left a second one of a kind. */
  readonly surplus: readonly RunningPart[];
}

/** null if nothing is on record and nothing runs. */
export function recallInstallation(stateDir: string, recorded: Installation | null): Recalled | null {
  const folder = resolve(stateDir);
  const all = runningParts(folder, recorded?.processes);
  const isRecorded = ({ pid }: RunningPart) => recorded?.processes.some((one) => one.pid === pid) === true;
  const parts = [...all.filter(isRecorded), ...all.filter((part) => !isRecorded(part))].filter(
    ({ name }, index, list) => list.findIndex((one) => one.name === name) === index,
  );
  if (parts.length === 0 && recorded === null) return null;
  const factsOf = <T>(name: string, shape: z.ZodType<T>): T | undefined =>
    shape.safeParse(parts.find((part) => part.name === name)?.facts).data;
  const worker = parts.find(({ name }) => name.endsWith('worker'));
  const said = shapes.worker.safeParse(worker?.facts).data;
  const port = factsOf('postgres', shapes.postgres)?.port;
  const known = recorded ?? {
    ...emptyInstallation(folder),
    ...(said && {
      ...{ temporal: said.temporal, envoy: said.envoy, discovery: said.discovery, pulumi: said.pulumi },
    }),
  };
  return {
    surplus: all.filter((part) => !parts.includes(part)),
    installation: {
      ...known,
      stateDir: folder,
      temporal: factsOf('temporal', temporal) ?? known.temporal,
      envoy: factsOf('envoy', envoy) ?? known.envoy,
      discovery: factsOf('discovery', discovery) ?? known.discovery,
      database:
        port !== undefined
          ? {
              url: postgresUrl(port, passwordOf(folder, 'password-runtime'), databaseName, runtimeRole),
              readerUrl: postgresUrl(port, passwordOf(folder, 'password-reader'), databaseName, readerRole),
              ours: true,
            }
          : (recorded?.database ?? {
              url: (worker && variableOf(worker.pid, 'DATABASE_URL')) ?? '',
              ours: said?.databaseIsOurs ?? true,
            }),
      workersFingerprint: said?.fingerprint ?? known.workersFingerprint,
      processes: parts.map(({ name, pid, startTicks, log }) => ({ name, pid, startTicks, log })),
    },
  };
}

/** The record before the first part runs; an empty address is not known yet. */
export function emptyInstallation(stateDir: string): Installation {
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

function passwordOf(folder: string, file: string): string {
  try {
    return readFileSync(join(folder, 'postgres', file), 'utf8');
  } catch {
    return '';
  }
}
