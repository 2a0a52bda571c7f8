/** A path and its new text → the file, replaced as a whole: a reader sees the old or the new text, never half of it. */
import { randomUUID } from 'node:crypto';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

export interface ReplaceOptions {
  /** Permissions of the file; absent: 0o600, for its owner alone. */
  readonly mode?: number;
  /** Where the draft is written; on the file system of the file. Absent: beside it. */
  readonly draftDir?: string;
}

/** Creates the folder if it is missing. A write that fails leaves the old file and no draft. */
export function replaceFile(
  file: string,
  text: string,
  { mode = 0o600, draftDir }: ReplaceOptions = {},
): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const draft = join(draftDir ?? dirname(file), `.${basename(file)}.${randomUUID()}`);
  try {
    writeFileSync(draft, text, { mode });
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}
