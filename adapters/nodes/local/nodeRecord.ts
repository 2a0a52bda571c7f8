/**
 * The registry of local nodes: one file a node, `<stateDir>/nodes/<category>/<id>.json`, written before the process is
 * started and removed after it has ended, so that no process exists that the files don't tell of.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import type { NodeOrder } from '../../../ports/nodeOrder';

/** A node as it is on disk. `pid` is null between the order and the start of the process. */
export interface NodeRecord extends NodeOrder {
  readonly host: string;
  readonly port: number;
  readonly pid: number | null;
  readonly startTicks: number | null;
  readonly log: string;
  /** Draining: takes no new requests and is killed at this time, epoch ms; null while it serves. */
  readonly drainUntilMs: number | null;
}

/** Enough to tell a record from a torn or foreign file; the rest was written by this module. */
const recordShape = z.looseObject({
  id: z.string(),
  category: z.string(),
  host: z.string(),
  port: z.number(),
  pid: z.number().nullable(),
  startTicks: z.number().nullable(),
  drainUntilMs: z.number().nullable(),
  createdMs: z.number(),
  expiresMs: z.number(),
  template: z.looseObject({ drain: z.number(), healthPath: z.string() }),
});

export const nodesFolder = (stateDir: string): string => join(resolve(stateDir), 'nodes');
/** Where the nodes of a category write what they have to say, `<id>.log` each. */
export const nodeLogFolder = (stateDir: string, category: string): string =>
  join(resolve(stateDir), 'logs', 'nodes', category);
const recordPath = (stateDir: string, category: string, id: string): string =>
  join(nodesFolder(stateDir), category, `${id}.json`);

/** Puts the record in place as a whole or not at all. */
export function writeNodeRecord(stateDir: string, record: NodeRecord): void {
  const path = recordPath(stateDir, record.category, record.id);
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}.tmp`;
  writeFileSync(draft, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
  renameSync(draft, path);
}

/** The record of one node; null when there is none or it can't be read as one. */
export function readNodeRecord(stateDir: string, category: string, id: string): NodeRecord | null {
  try {
    const parsed: unknown = JSON.parse(readFileSync(recordPath(stateDir, category, id), 'utf8'));
    return recordShape.safeParse(parsed).success ? (parsed as NodeRecord) : null;
  } catch {
    return null;
  }
}

/** Removes the record, and the category's folder with the last one. */
export function removeNodeRecord(stateDir: string, category: string, id: string): void {
  const path = recordPath(stateDir, category, id);
  rmSync(path, { force: true });
  try {
    rmdirSync(dirname(path));
  } catch {
    // Other nodes are in it.
  }
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** All nodes of a category, or of all categories, oldest first; draining ones too. */
export function listNodes(stateDir: string, category?: string): NodeRecord[] {
  const categories = category === undefined ? entries(nodesFolder(stateDir)) : [category];
  return categories
    .flatMap((name) =>
      entries(join(nodesFolder(stateDir), name))
        .filter((file) => file.endsWith('.json'))
        .map((file) => readNodeRecord(stateDir, name, file.slice(0, -'.json'.length))),
    )
    .filter((record) => record !== null)
    .sort((a, b) => a.createdMs - b.createdMs || (a.id < b.id ? -1 : 1));
}
