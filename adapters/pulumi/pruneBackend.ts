/** Pulumi's file backend keeps a history entry an update and a log a command for ever: keep the last ones. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

const keepUpdates = 20;
const keepLogs = 20;

async function names(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(() => [])).sort();
}

async function keepLast(folder: string, count: number): Promise<void> {
  // The names carry the time, so they sort by age.
  const old = (await names(folder)).slice(0, -count);
  await Promise.all(old.map((name) => rm(join(folder, name), { recursive: true, force: true })));
}

/**
 * Prunes what belongs to one stack and the logs of all.
 * @param backendUrl pruned when it is `file://…`; other backends have means of their own.
 */
export async function pruneBackend(
  backendUrl: string,
  pulumiHome: string,
  project: string,
  stack: string,
  logFolder: string,
): Promise<void> {
  if (backendUrl.startsWith('file://')) {
    const root = join(backendUrl.slice('file://'.length), '.pulumi');
    // An update has two history files: its entry and its checkpoint.
    await keepLast(join(root, 'history', project, stack), 2 * keepUpdates);
    await keepLast(join(root, 'backups', project, stack), keepUpdates);
  }
  await keepLast(join(pulumiHome, 'logs'), keepLogs);
  await keepLast(logFolder, keepLogs);
}

/** Removes what a removed stack leaves in a file backend. */
export async function forgetStack(backendUrl: string, project: string, stack: string): Promise<void> {
  if (!backendUrl.startsWith('file://')) return;
  const root = join(backendUrl.slice('file://'.length), '.pulumi');
  for (const kind of ['history', 'backups', 'locks/organization'])
    await rm(join(root, kind, project, stack), { recursive: true, force: true });
  for (const name of await names(join(root, 'stacks', project)))
    if (name.startsWith(`${stack}.`)) await rm(join(root, 'stacks', project, name), { force: true });
}
