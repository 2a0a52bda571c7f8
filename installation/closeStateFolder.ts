/**
 * A state folder → the same, readable by its owner alone: its files have the database's password, the workflows' inputs and
 * the nodes' logs. As root it may be passed through, but not listed: PostgreSQL runs as another user, and its data lie inside.
 */
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, parse } from 'node:path';

const others = 0o077;
const passThrough = 0o711;

/** What PAM keeps in a state folder, and nothing else that may lie there. */
const kept = ['run.json', 'logs', 'nodes', 'envoy', 'discovery', 'pulumi', 'postgres', 'temporal'];

/** Makes it if it is missing. What an earlier version left open is closed, and `report` says how much. */
export function closeStateFolder(stateDir: string, report: (line: string) => void): void {
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  if (isPrecious(stateDir)) {
    report(`warning: ${stateDir} is more than a state folder, so its permissions are left as they are`);
    return;
  }
  const passed =
    process.getuid?.() === 0 ? new Set([stateDir, join(stateDir, 'postgres')]) : new Set<string>();
  const closed = [stateDir, ...kept.map((name) => join(stateDir, name))].reduce(
    (sum, path) => sum + close(path, passed, path !== stateDir),
    0,
  );
  if (closed > 0) report(`closed ${closed} files and folders of ${stateDir} to other users`);
}

/** @returns how many it changed. What belongs to another user is that one's to close; links lead elsewhere. */
function close(path: string, passed: ReadonlySet<string>, deep: boolean): number {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined || found.isSymbolicLink() || found.uid !== process.getuid?.()) return 0;
  const mode = found.mode & 0o7777;
  const wanted = passed.has(path) ? passThrough : mode & ~others;
  if (mode !== wanted) chmodSync(path, wanted);
  let closed = (mode & others & ~wanted) === 0 ? 0 : 1;
  if (deep && found.isDirectory())
    for (const name of readdirSync(path)) closed += close(join(path, name), passed, true);
  return closed;
}

function isPrecious(folder: string): boolean {
  return (
    folder === parse(folder).root ||
    folder === homedir() ||
    ['.git', 'package.json'].some((name) => existsSync(join(folder, name)))
  );
}
