/**
 * A state folder, a category and a node → the folder in which the node works: empty at its start, its own, gone with it. It
 * lies outside of the state folder, which is closed to nodes; `<stateDir>/node-folders` is a link to where they are.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { PamError } from '../../../core/errors';

/** Under which the folders are made: it outlives no reboot that its nodes would outlive, and may hold much. */
const defaultBase = '/var/tmp';
const prefix = 'pam-nodes-';

const linkOf = (stateDir: string): string => join(resolve(stateDir), 'node-folders');

/** Where the folders are, if that is a folder of this user that others can't write to; null otherwise. */
function rootOf(stateDir: string): string | null {
  try {
    const root = readlinkSync(linkOf(stateDir));
    const { uid, mode } = lstatSync(root);
    const ours = basename(root).startsWith(prefix) && uid === (process.getuid?.() ?? uid);
    return ours && lstatSync(root).isDirectory() && (mode & 0o022) === 0 ? root : null;
  } catch {
    return null;
  }
}

/** The same, made if it is missing. Others may pass through it and not look into it. */
function ensureRoot(stateDir: string, base: string): string {
  const known = rootOf(stateDir);
  if (known !== null) return known;
  const root = mkdtempSync(join(base, prefix));
  chmodSync(root, 0o711);
  const draft = `${linkOf(stateDir)}.${process.pid}`;
  rmSync(draft, { force: true });
  symlinkSync(root, draft);
  renameSync(draft, linkOf(stateDir));
  return root;
}

export interface FolderOwner {
  readonly uid: number;
  readonly gid: number;
}

/** An empty folder for a new node. */
export function makeNodeFolder(
  stateDir: string,
  category: string,
  id: string,
  owner: FolderOwner | null,
  base: string = defaultBase,
): string {
  const folder = join(ensureRoot(stateDir, base), category, id);
  mkdirSync(dirname(folder), { recursive: true, mode: 0o711 });
  chmodSync(dirname(folder), 0o711);
  // Left by an attempt with another port, or by a start that was interrupted.
  if (existsSync(folder)) spawnSync('rm', ['-rf', '--', folder], { stdio: 'ignore' });
  mkdirSync(folder, { mode: 0o700 });
  if (owner !== null) chownSync(folder, owner.uid, owner.gid);
  return folder;
}

/** Removes it, without waiting. `rm` follows no link that a process of the node may put there meanwhile. */
export function removeNodeFolder(stateDir: string, category: string, id: string): void {
  const root = rootOf(stateDir);
  if (root === null || !existsSync(join(root, category, id))) return;
  spawn('rm', ['-rf', '--', join(root, category, id)], { stdio: 'ignore', detached: true })
    .on('error', () => undefined)
    .unref();
}

/** Removes the folders of a category's nodes that are not in `existing`. */
export function pruneNodeFolders(stateDir: string, category: string, existing: ReadonlySet<string>): void {
  const root = rootOf(stateDir);
  if (root === null || !existsSync(join(root, category))) return;
  for (const id of readdirSync(join(root, category)))
    if (!existing.has(id)) removeNodeFolder(stateDir, category, id);
}

/** Removes all of them and the link, with the installation. */
export function removeNodeFolders(stateDir: string): void {
  const root = rootOf(stateDir);
  if (root !== null) spawnSync('rm', ['-rf', '--', root], { stdio: 'ignore' });
  rmSync(linkOf(stateDir), { force: true });
}

/** True if that user may pass every folder above `path` and read it. */
export function canRead(path: string, { uid, gid }: FolderOwner): boolean {
  for (let at = resolve(path); ; at = dirname(at)) {
    const found = statSync(at, { throwIfNoEntry: false });
    if (found === undefined) return false;
    const [user, group, others] = found.isDirectory() ? [0o100, 0o010, 0o001] : [0o400, 0o040, 0o004];
    const bit = found.uid === uid ? user : found.gid === gid ? group : others;
    if ((found.mode & bit) === 0) return false;
    if (at === dirname(at)) return true;
  }
}

/** The file itself if that user can read it, else a copy beside the folders of the nodes, made once. */
export function readableFile(
  stateDir: string,
  file: string,
  owner: FolderOwner,
  base: string = defaultBase,
): string {
  if (canRead(file, owner)) return file;
  const { mode, size, mtimeMs } = statSync(file);
  const version = createHash('sha256').update(size > 1e6 ? `${file} ${size} ${mtimeMs}` : readFileSync(file));
  const copy = join(ensureRoot(stateDir, base), `${version.digest('hex').slice(0, 12)}-${basename(file)}`);
  if (!existsSync(copy)) {
    const draft = `${copy}.${process.pid}`;
    copyFileSync(file, draft);
    chmodSync(draft, mode & 0o100 ? 0o755 : 0o644);
    renameSync(draft, copy);
  }
  if (canRead(copy, owner)) return copy;
  throw new PamError(
    'DENIED',
    `user ${owner.uid}, as whom nodes run, can read neither ${file} nor ${copy}: set nodes.local.folder to a folder that every user can reach`,
  );
}
