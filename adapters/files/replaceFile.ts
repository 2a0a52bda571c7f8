/** A path and its new text → the file, replaced as a whole: a reader sees the old or the new text, never half of it. */
import { randomUUID } from 'node:crypto';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

export interface ReplaceOptions {
  /** Permissions of the file, such as 0o600 for a secret. */
  readonly mode?: number;
  /** Where the draft is written; on the file system of the file. Absent: beside it. */
  readonly draftDir?: string;
}

/** Creates the folder if it is missing. A write that fails leaves the old file and no draft. */
export function replaceFile(file: string, text: string, { mode, draftDir }: ReplaceOptions = {}): void {
  mkdirSync(dirname(file), { recursive: true });
  const draft = join(draftDir ?? dirname(file), `.${basename(file)}.${randomUUID()}`);
  try {
    writeFileSync(draft, text, mode === undefined ? {} : { mode });
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}
