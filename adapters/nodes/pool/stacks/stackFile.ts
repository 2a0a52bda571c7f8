/**
 * The state file of a stack in Pulumi's file backend: what is wrong with it in words, and its repair. A file that can't be
 * used is moved aside and the newest copy that can takes its place: Pulumi's own `.bak`, then the checkpoints of its
 * history. Without one the stack begins anew: nodes are known by the pool, so the next update takes them into it.
 */
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import { codeOf } from '../../../../core/thrown';
import { replaceFile } from '../../../files/replaceFile';
import { fileBackendRoot } from './fileBackend';

export interface StackPlace {
  readonly backendUrl: string;
  readonly project: string;
  readonly stack: string;
}

/** More than any state of a pool has, bytes. */
const mostBytes = 256 * 1_048_576;
/** Versions of the format that this Pulumi reads. */
const knownVersions = { from: 1, to: 4 };

const shape = z.looseObject({ version: z.number(), checkpoint: z.looseObject({ latest: z.unknown() }) });

/** What is wrong with a state file, in words; null if nothing is, or there is none. */
export function faultOf(path: string): string | null {
  let text: string;
  try {
    const found = lstatSync(path);
    if (found.isDirectory()) return 'a folder is in its place';
    if (!found.isFile() && !found.isSymbolicLink()) return 'it is no file';
    if (found.size === 0) return 'it is empty';
    if (found.size > mostBytes) return `it has ${found.size} bytes`;
    const bytes = readFileSync(path);
    const zipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
    text = (zipped ? gunzipSync(bytes, { maxOutputLength: mostBytes }) : bytes).toString('utf8');
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT') return null;
    if (code === 'EACCES' || code === 'EPERM') return 'the user of the worker may not read it';
    return code.startsWith('Z') || code.startsWith('ERR_')
      ? 'its end is missing'
      : `it can't be read (${code})`;
  }
  try {
    const read = shape.safeParse(JSON.parse(text));
    if (!read.success) return 'it is not a state of Pulumi';
    const { version } = read.data;
    return version < knownVersions.from || version > knownVersions.to
      ? `another version of Pulumi has written it (format ${version})`
      : null;
  } catch {
    return text.trimStart().startsWith('{') ? 'its end is missing' : 'it is not text';
  }
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

/** Copies of the state that can be used, newest first. */
function copiesOf(root: string, { project, stack }: StackPlace, file: string): string[] {
  const inFolder = (kind: string, ends: RegExp): string[] =>
    names(join(root, kind, project, stack))
      .filter((name) => ends.test(name))
      .map((name) => join(root, kind, project, stack, name))
      .reverse();
  const all = [
    `${file}.bak`,
    ...inFolder('history', /\.checkpoint\.json(\.gz)?$/),
    ...inFolder('backups', /\.json(\.gz)?(\.\d+)?$/),
  ];
  return all.filter((path) => existsSync(path) && faultOf(path) === null);
}

function fileOf(root: string, { project, stack }: StackPlace): string {
  const file = join(root, 'stacks', project, `${stack}.json`);
  return existsSync(`${file}.gz`) && !existsSync(file) ? `${file}.gz` : file;
}

/** True if the stack has a state, usable or not; null for a backend of another kind. */
export function hasStateFile(place: StackPlace): boolean | null {
  const root = fileBackendRoot(place.backendUrl);
  return root === null ? null : existsSync(fileOf(root, place));
}

/** Without this file Pulumi takes the folder for that of an old version and finds no stack in it. */
function mendFormat(root: string): string[] {
  const path = join(root, 'meta.yaml');
  if (!existsSync(root)) return [];
  let text = '';
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    // Missing, or a folder in its place.
  }
  if (/^version: \d+\s*$/m.test(text)) return [];
  if (existsSync(path) && lstatSync(path).isDirectory()) moveAside(root, path);
  replaceFile(path, 'version: 1\n', { mode: 0o600 });
  return [
    `the format file of Pulumi's folder was ${text === '' ? 'missing or empty' : 'unreadable'}: written anew`,
  ];
}

function moveAside(root: string, path: string): void {
  const folder = join(root, 'broken');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const name = path.slice(root.length + 1).replaceAll('/', '+');
  for (let copy = 0; ; copy += 1) {
    const target = join(folder, copy === 0 ? name : `${name}.${copy}`);
    if (existsSync(target)) continue;
    renameSync(path, target);
    return;
  }
}

/** Puts the newest usable copy in the place of the state file, which is moved aside. @returns what was done, in words. */
function replaceState(root: string, place: StackPlace, fault: string, passed: ReadonlySet<string>): string {
  const file = fileOf(root, place);
  if (existsSync(file)) moveAside(root, file);
  const copy = copiesOf(root, place, file).find((path) => !passed.has(readFileSync(path).toString('base64')));
  const was = `Pulumi's state of its nodes could not be used (${fault})`;
  if (copy === undefined) return `${was} and there was no copy: it is made anew from the nodes that exist`;
  mkdirSync(join(root, 'stacks', place.project), { recursive: true, mode: 0o700 });
  // A copy may be compressed or not, whatever the name says: Pulumi looks at the name.
  const bytes = readFileSync(copy);
  const zipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
  replaceFile(file.replace(/\.gz$/, ''), (zipped ? gunzipSync(bytes) : bytes).toString('utf8'), {
    mode: 0o600,
  });
  return `${was}: restored from ${copy.endsWith('.bak') ? 'its backup' : 'the last state in its history'}`;
}

/** A lock that can't be read keeps every command from the stack, also the one that lifts locks. */
function removeBrokenLocks(root: string, { project, stack }: StackPlace): string[] {
  const folder = join(root, 'locks', 'organization', project, stack);
  const broken = names(folder).filter((name) => !isJson(join(folder, name)));
  for (const name of broken) rmSync(join(folder, name), { recursive: true, force: true });
  return broken.length === 0 ? [] : ['a damaged lock lay on the state of its nodes: removed'];
}

function isJson(path: string): boolean {
  try {
    JSON.parse(readFileSync(path, 'utf8'));
    return true;
  } catch {
    return false;
  }
}

/** What is wrong with the files of a stack, in words, nothing changed; empty for a backend of another kind. */
export function stateFaults(place: StackPlace): string[] {
  const root = fileBackendRoot(place.backendUrl);
  if (root === null) return [];
  const file = fileOf(root, place);
  const fault = existsSync(file) ? faultOf(file) : 'it is gone';
  return fault === null
    ? []
    : [`Pulumi's state of its nodes can't be used (${fault}); the next change mends it`];
}

/** Mends what a look at the files shows. @returns what was done, in words; empty if nothing was wrong. */
export function mendStackFile(place: StackPlace): string[] {
  const root = fileBackendRoot(place.backendUrl);
  if (root === null) return [];
  const said = [...mendFormat(root), ...removeBrokenLocks(root, place)];
  const folder = join(root, 'stacks', place.project);
  for (const path of [root, join(root, 'stacks'), folder])
    if (existsSync(path) && !lstatSync(path).isDirectory()) {
      renameSync(path, `${path}.broken-${process.pid}`);
      said.push(`a file was in the place of the folder ${path}: moved aside`);
    }
  const fault = faultOf(fileOf(root, place));
  return fault === null ? said : [...said, replaceState(root, place, fault, new Set())];
}

/**
 * Gives up a state that Pulumi itself refused, though it looked well: call it once more if the copy is refused, too.
 * @param passed contents that were refused; this one is added.
 * @returns what was done; null if there is no state to give up.
 */
export function giveUpState(place: StackPlace, why: string, passed: Set<string>): string | null {
  const root = fileBackendRoot(place.backendUrl);
  if (root === null) return null;
  const file = fileOf(root, place);
  if (!existsSync(file)) return null;
  passed.add(readFileSync(file).toString('base64'));
  return replaceState(root, place, why, passed);
}
