/** A folder → every file and folder under it that its group or others may read, write or enter. */
import { lstatSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

/** @param mayBe why a path may be open: with it, up to which permissions. */
export function openPaths(root: string, mayBe: ReadonlyMap<string, number>): string[] {
  const found: string[] = [];
  const look = (path: string): void => {
    const at = lstatSync(path, { throwIfNoEntry: false });
    // Temporary files come and go; a link has no permissions of its own.
    if (at === undefined || at.isSymbolicLink()) return;
    const name = relative(root, path) || '.';
    const surplus = at.mode & 0o077 & ~(mayBe.get(name) ?? 0);
    if (surplus !== 0) found.push(`${name} ${(at.mode & 0o777).toString(8)}`);
    if (at.isDirectory()) for (const entry of readdirSync(path)) look(join(path, entry));
  };
  look(root);
  return found;
}

/** As root PostgreSQL runs as another user: it passes through two folders to its data, and lists neither. */
export const statePathsThatMayBeOpen: ReadonlyMap<string, number> =
  process.getuid?.() === 0
    ? new Map([
        ['.', 0o011],
        ['postgres', 0o011],
      ])
    : new Map();
