/** Pulumi's file backend keeps a history entry an update and a log a command for ever: the last ones stay. */
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileBackendRoot } from './fileBackend';

const keepUpdates = 20;
const keepLogs = 20;

async function names(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(() => [])).sort();
}

/** Newest last, by the time of the last writing: not all names carry the time. */
async function byAge(folder: string): Promise<string[]> {
  const entries = await Promise.all(
    (await names(folder)).map(async (name) => {
      const found = await stat(join(folder, name)).catch(() => null);
      return { name, writtenMs: found?.mtimeMs ?? 0 };
    }),
  );
  return entries.sort((a, b) => a.writtenMs - b.writtenMs).map(({ name }) => name);
}

async function keepLast(folder: string, count: number): Promise<void> {
  const old = (await byAge(folder)).slice(0, -count);
  await Promise.all(old.map((name) => rm(join(folder, name), { recursive: true, force: true })));
}

/**
 * Prunes what belongs to one stack and the command logs of all.
 * @param backendUrl pruned when it is `file://…`; other backends have means of their own.
 */
export async function pruneBackend(
  backendUrl: string,
  pulumiHome: string,
  project: string,
  stack: string,
): Promise<void> {
  const root = fileBackendRoot(backendUrl);
  if (root !== null) {
    // An update has two history files, its entry and its checkpoint, each with a file of attributes beside it or not.
    const history = join(root, 'history', project, stack);
    const perUpdate = (await names(history)).some((name) => name.endsWith('.attrs')) ? 4 : 2;
    await keepLast(history, perUpdate * keepUpdates);
    await keepLast(join(root, 'backups', project, stack), keepUpdates);
  }
  await keepLast(join(pulumiHome, 'logs'), keepLogs);
}

/** Removes what a removed stack leaves in a file backend. */
export async function forgetStack(backendUrl: string, project: string, stack: string): Promise<void> {
  const root = fileBackendRoot(backendUrl);
  if (root === null) return;
  for (const kind of ['history', 'backups', 'locks/organization'])
    await rm(join(root, kind, project, stack), { recursive: true, force: true });
  for (const name of await names(join(root, 'stacks', project)))
    if (name.startsWith(`${stack}.`)) await rm(join(root, 'stacks', project, name), { force: true });
}
