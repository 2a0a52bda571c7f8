/**
 * Pulumi's file backend writes a file of attributes beside each state file, and not atomically: a command killed in
 * between leaves it empty and the stack unreadable ("failed to load checkpoint: EOF"). We ask for none, and remove what
 * an interrupted command of an older installation has left. The state file itself is replaced by a rename.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const isFileBackend = (backendUrl: string): boolean => backendUrl.startsWith('file://');

/** Folder in which a file backend keeps everything; null for a backend of another kind. */
export function fileBackendRoot(backendUrl: string): string | null {
  return isFileBackend(backendUrl) ? join(fileURLToPath(backendUrl), '.pulumi') : null;
}

/**
 * The address to give to Pulumi: for a file backend its folder exists and attribute files are off, by the parameter of
 * the Go library that writes them (gocloud.dev/blob/fileblob, `metadata=skip`).
 */
export function prepareBackend(backendUrl: string): string {
  if (!isFileBackend(backendUrl)) return backendUrl;
  const url = new URL(backendUrl);
  mkdirSync(fileURLToPath(url), { recursive: true, mode: 0o700 });
  if (!url.searchParams.has('metadata')) url.searchParams.set('metadata', 'skip');
  return url.href;
}

function isJson(path: string): boolean {
  try {
    JSON.parse(readFileSync(path, 'utf8'));
    return true;
  } catch {
    return false;
  }
}

/** Removes a stack's unreadable attribute files: Pulumi does without them. */
export function removeBrokenAttributes(backendUrl: string, project: string, stack: string): void {
  const root = fileBackendRoot(backendUrl);
  if (root === null) return;
  const folder = join(root, 'stacks', project);
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder))
    if (name.startsWith(`${stack}.`) && name.endsWith('.attrs') && !isJson(join(folder, name)))
      rmSync(join(folder, name), { force: true });
}
