/**
 * `<stateDir>/run.json`: what runs, where, and its addresses. After `pam down` it remains, without processes, so that
 * the next start uses the same ports and password. It is a record, not the truth: what runs is what carries the mark of
 * the installation, and a lost or damaged file is written again from that.
 */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { replaceFile } from '../adapters/files/replaceFile';
import { requireOwn } from '../config/ownPath';
import { describeIssues } from '../core/describeIssues';
import { hasCode, messageOf } from '../core/thrown';
import { type Installation, installationSchema } from './installationRecord';
import { recallInstallation } from './recallInstallation';

export type { Installation } from './installationRecord';

export const runFile = (stateDir: string): string => join(resolve(stateDir), 'run.json');

/** The installation of a state folder, running or stopped (`processes` is then empty); null if nothing is known of one. */
export function readInstallation(stateDir: string): Installation | null {
  requireOwn(stateDir, 'the state folder');
  requireOwn(runFile(stateDir), 'the record of what runs');
  const { installation } = readRunFile(stateDir);
  return installation ?? recallInstallation(stateDir, null)?.installation ?? null;
}

/** What the file says; `damage` is why it can't be used, null if it can or is not there. */
export function readRunFile(stateDir: string): {
  readonly installation: Installation | null;
  readonly damage: string | null;
} {
  try {
    const text = readFileSync(runFile(stateDir), 'utf8');
    if (text.trim() === '') return { installation: null, damage: 'it is empty' };
    return { installation: installationSchema.parse(JSON.parse(text)), damage: null };
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return { installation: null, damage: null };
    const damage = error instanceof z.ZodError ? describeIssues(error) : messageOf(error);
    return { installation: null, damage };
  }
}

/** Replaces run.json in one step. */
export function writeInstallation(installation: Installation): void {
  const text = `${JSON.stringify(installation, null, 2)}\n`;
  replaceFile(runFile(installation.stateDir), text, { mode: 0o600 });
}
