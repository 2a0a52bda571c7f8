/**
 * What a worker's disk keeps of its nodes: one file a process, `<stateDir>/nodes/<category>/<id>.json`, and its log. Only
 * for `pam down` and `pam status`, which must find every process even if PostgreSQL is down: what is decided rests on the
 * store alone.
 */
import { readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { replaceFile } from '../../files/replaceFile';
import { removeNodeFolder } from './nodeFolders';
import type { ProcessIdentity } from './processIdentity';

const fileShape = z.object({
  pid: z.number().int(),
  startTicks: z.number(),
  /** What it was ordered as, JSON. */
  order: z.string().optional(),
});

const nodesFolder = (stateDir: string): string => join(resolve(stateDir), 'nodes');
/** Where the nodes of a category write what they have to say, `<id>.log` each. */
export const nodeLogFolder = (stateDir: string, category: string): string =>
  join(resolve(stateDir), 'logs', 'nodes', category);
/** The log of one node. */
export const nodeLogPath = (stateDir: string, category: string, id: string): string =>
  join(nodeLogFolder(stateDir, category), `${id}.log`);
const processFile = (stateDir: string, category: string, id: string): string =>
  join(nodesFolder(stateDir), category, `${id}.json`);

/** Puts the file in place as a whole or not at all. */
export function writeProcessFile(
  stateDir: string,
  category: string,
  id: string,
  { pid, startTicks }: ProcessIdentity,
  order?: string,
): void {
  replaceFile(processFile(stateDir, category, id), `${JSON.stringify({ pid, startTicks, order })}\n`, {
    mode: 0o600,
  });
}

/** Removes the file, and the category's folder with the last one; and the node's own working directory. */
export function removeProcessFile(stateDir: string, category: string, id: string): void {
  const path = processFile(stateDir, category, id);
  removeNodeFolder(stateDir, category, id);
  rmSync(path, { force: true });
  try {
    rmdirSync(dirname(path));
  } catch {
    // Other nodes are in it, or it is gone.
  }
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** What the file says; null if there is none that can be read. */
export function readProcessFile(
  stateDir: string,
  category: string,
  id: string,
): z.infer<typeof fileShape> | null {
  try {
    return fileShape.parse(JSON.parse(readFileSync(processFile(stateDir, category, id), 'utf8')));
  } catch {
    return null;
  }
}

export interface NodeProcess extends ProcessIdentity {
  readonly category: string;
  readonly id: string;
}

/** The processes that this state folder knows of, those that have ended included. */
export function listProcessFiles(stateDir: string): NodeProcess[] {
  return entries(nodesFolder(stateDir)).flatMap((category) =>
    entries(join(nodesFolder(stateDir), category))
      .filter((name) => name.endsWith('.json'))
      .flatMap((name) => {
        const id = name.slice(0, -'.json'.length);
        const file = readProcessFile(stateDir, category, id);
        return file === null ? [] : [{ category, id, pid: file.pid, startTicks: file.startTicks }];
      }),
  );
}

/** Keeps the logs of the nodes of `existing` and the last `count` of those that are gone. */
export async function pruneNodeLogs(
  stateDir: string,
  category: string,
  existing: ReadonlySet<string>,
  count = 20,
): Promise<void> {
  const folder = nodeLogFolder(stateDir, category);
  const names = await readdir(folder).catch(() => [] as string[]);
  const logs = await Promise.all(
    names
      .filter((name) => !existing.has(name.replace(/\.log$/, '')))
      .map(async (name) => ({
        name,
        writtenMs: (await stat(join(folder, name)).catch(() => null))?.mtimeMs ?? 0,
      })),
  );
  const old = logs.sort((a, b) => a.writtenMs - b.writtenMs).slice(0, -count);
  await Promise.all(old.map(({ name }) => rm(join(folder, name), { force: true })));
}
