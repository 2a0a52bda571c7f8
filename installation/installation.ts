/**
 * `<stateDir>/run.json`: what runs, where, and its addresses. After `pam down` it remains, without processes, so that
 * the next start uses the same ports and password.
 */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { replaceFile } from '../adapters/files/replaceFile';
import { requireOwn } from '../config/ownPath';
import { describeIssues } from '../core/describeIssues';
import { PamError } from '../core/errors';
import { hasCode } from '../core/thrown';

const installationSchema = z.object({
  stateDir: z.string(),
  startedMs: z.number(),
  temporal: z.object({
    address: z.string(),
    namespace: z.string(),
    /** null: unknown, because the server is not ours. */
    uiUrl: z.string().nullable(),
    /** Where the server itself has its UI, behind the gate at `uiUrl`: a port that browsers do not connect to. */
    uiPort: z.number().int().optional(),
  }),
  /** Holds a password: the file is readable by its owner only. */
  database: z.object({
    url: z.string(),
    /** Role that only reads; absent: `url`. */
    readerUrl: z.string().optional(),
    /** false: an existing server. */
    ours: z.boolean(),
  }),
  envoy: z.object({
    adminUrl: z.string(),
    /** Where requests enter. */
    listenUrl: z.string(),
    /** null: the proxy is not ours. */
    binary: z.string().nullable(),
  }),
  discovery: z.object({
    /** Where the proxies reach it; empty: it is not ours. */
    address: z.string(),
    /** Of the settings that it runs with; another one means a restart. */
    fingerprint: z.string(),
  }),
  pulumi: z.object({ binary: z.string(), backendUrl: z.string() }),
  /** Fingerprint of the settings that the workers run with; another one means a restart. */
  workersFingerprint: z.string().optional(),
  processes: z.array(
    z.object({ name: z.string(), pid: z.number().int(), startTicks: z.number(), log: z.string() }),
  ),
});

export type Installation = z.output<typeof installationSchema>;

const runFile = (stateDir: string): string => join(resolve(stateDir), 'run.json');

/**
 * The installation of a state folder, running or stopped (`processes` is then empty); null if there never was one.
 * Throws PamError INVALID_DATA if the file is not a run.json of PAM.
 */
export function readInstallation(stateDir: string): Installation | null {
  requireOwn(stateDir, 'the state folder');
  requireOwn(runFile(stateDir), 'the record of what runs');
  let text: string;
  try {
    text = readFileSync(runFile(stateDir), 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
  try {
    return installationSchema.parse(JSON.parse(text));
  } catch (error) {
    const why = error instanceof z.ZodError ? describeIssues(error) : String(error);
    throw new PamError(
      'INVALID_DATA',
      `${runFile(stateDir)} is damaged (${why}): stop what runs from ${resolve(stateDir)} by hand and remove the file`,
    );
  }
}

/** Replaces run.json in one step. */
export function writeInstallation(installation: Installation): void {
  const text = `${JSON.stringify(installation, null, 2)}\n`;
  replaceFile(runFile(installation.stateDir), text, { mode: 0o600 });
}
