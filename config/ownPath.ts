/**
 * A path that PAM is about to trust (a state folder, a configuration) → nothing, or an error if another user owns it or may
 * write to it. What stands there names programs to run and processes to end: in a folder that somebody else has prepared, a
 * command would do what that person wants (CWE-426).
 */
import { constants, lstatSync, readFileSync, type Stats, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { PamError } from '../core/errors';

/** Of what PAM writes: for its own user alone. */
export const privateUmask = 0o077;

/** Folders that are trusted all the same, with all that is in them, as git's `safe.directory`; `:` between them. */
const exceptionsVariable = 'PAM_SAFE_FOLDERS';

/** A path that is not there is fine. Throws PamError DENIED, which says whose it is and what to do. */
export function requireOwn(path: string, what: string): void {
  const at = resolve(path);
  const safe = (process.env[exceptionsVariable] ?? '').split(':').filter((folder) => folder.startsWith('/'));
  if (safe.some((folder) => at === resolve(folder) || at.startsWith(`${resolve(folder)}/`))) return;
  // A link is as good as what it leads to, and who may replace it has a say too.
  for (const look of [lstatSync, statSync]) {
    const found = look(at, { throwIfNoEntry: false });
    if (found === undefined) return;
    const why = mistrust(found);
    if (why !== null) throw denied(what, at, why, found);
  }
  // Who may rename things in a folder may put a file in place of this one.
  const folder = dirname(at);
  const around = statSync(folder, { throwIfNoEntry: false });
  if (around === undefined) return;
  const sticky = (around.mode & 0o1000) !== 0;
  if ((around.mode & 0o002) !== 0 && !sticky)
    throw denied(what, at, `its folder ${folder} may be written by every user`, around);
}

const me = (): number => process.getuid?.() ?? -1;

function mistrust({ uid, gid, mode }: Stats): string | null {
  // A system without owners has nothing to say here.
  if (me() === -1) return null;
  if (uid !== me() && uid !== 0) return `belongs to ${nameOf(uid)}, and this command runs as ${nameOf(me())}`;
  const isLink = (mode & constants.S_IFMT) === constants.S_IFLNK;
  if (isLink) return null;
  if ((mode & 0o002) !== 0) return 'may be written by every user';
  // Many systems give each user a group of the same number, of which nobody else is a member.
  const ownGroup = gid === 0 || (gid === process.getgid?.() && gid === me());
  return (mode & 0o020) !== 0 && !ownGroup ? `may be written by the group ${gid}` : null;
}

function denied(what: string, path: string, why: string, { uid, mode }: Stats): PamError {
  const own = uid === me() || uid === 0;
  const remedy = own
    ? `close it ("chmod go-w ${(mode & 0o002) !== 0 && why.startsWith('its folder') ? dirname(path) : path}")`
    : `run PAM as ${nameOf(uid)}, make it yours ("chown"), or name another one (PAM_STATE for the state folder, PAM_CONFIG for the file)`;
  return new PamError(
    'DENIED',
    `${what} ${path} ${why}: nothing in it is used. If you trust it, ${remedy}, or put it into ${exceptionsVariable}`,
  );
}

function nameOf(uid: number): string {
  try {
    const line = readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .find((one) => one.split(':')[2] === String(uid));
    return line === undefined ? `user ${uid}` : `"${line.split(':')[0]}" (${uid})`;
  } catch {
    return `user ${uid}`;
  }
}
