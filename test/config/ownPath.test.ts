import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../config/load';
import { requireOwn } from '../../config/ownPath';

const folder = mkdtempSync(join(tmpdir(), 'pam-own-'));
afterAll(() => rmSync(folder, { recursive: true }));
const isRoot = process.getuid?.() === 0;
const stranger = 60_500;
/** A file or folder that belongs to somebody else: as root one is made, otherwise root's neighbours have some. */
const foreign = (path: string): string => {
  chownSync(path, stranger, stranger);
  return path;
};
const fresh = (name: string): string => {
  const path = join(folder, name);
  mkdirSync(path, { mode: 0o700 });
  return path;
};
const denied = (says: RegExp) =>
  expect.objectContaining({ code: 'DENIED', message: expect.stringMatching(says) });
const trying = (path: string): unknown => {
  try {
    requireOwn(path, 'the state folder');
    return null;
  } catch (error) {
    return error;
  }
};

test("what is ours, root's or not there at all is trusted", () => {
  expect(trying(fresh('own'))).toBeNull();
  expect(trying('/etc/passwd')).toBeNull();
  expect(trying(join(folder, 'nowhere', 'at', 'all'))).toBeNull();
});

test('what others may write is refused, with what to do', () => {
  const open = fresh('open');
  chmodSync(open, 0o777);
  expect(trying(open)).toEqual(denied(/the state folder .*open may be written by every user.*chmod go-w/));
  const file = join(fresh('closed'), 'pam.yaml');
  writeFileSync(file, '', { mode: 0o600 });
  chmodSync(file, 0o606);
  expect(trying(file)).toEqual(denied(/written by every user/));
  const inOpen = join(open, 'pam.yaml');
  writeFileSync(inOpen, '', { mode: 0o600 });
  expect(trying(inOpen)).toEqual(denied(/its folder .*open may be written/));
  process.env.PAM_SAFE_FOLDERS = `relative:${open}x:${open}`;
  expect([trying(open), trying(inOpen)]).toEqual([null, null]);
  process.env.PAM_SAFE_FOLDERS = `${open}x:..:.`;
  expect(trying(open)).toEqual(denied(/PAM_SAFE_FOLDERS/));
  delete process.env.PAM_SAFE_FOLDERS;
  // As /tmp: others may put things there, and not move ours.
  chmodSync(open, 0o1777);
  expect(trying(inOpen)).toBeNull();
  if (!isRoot) return;
  chmodSync(open, 0o770);
  chownSync(open, 0, 44_444);
  expect(trying(open)).toEqual(denied(/written by the group 44444/));
});

test('what belongs to somebody else is refused, by whatever way it is named', () => {
  if (!isRoot) return;
  const theirs = foreign(fresh('theirs'));
  expect(trying(theirs)).toEqual(
    denied(/belongs to user 60500, and this command runs as "root" \(0\).*PAM_STATE/),
  );
  const link = join(folder, 'link');
  symlinkSync(theirs, link);
  expect(trying(link)).toEqual(denied(/belongs to user 60500/));
  const file = join(theirs, 'pam.yaml');
  writeFileSync(file, 'log: { level: info }\n');
  foreign(file);
  expect(() => loadConfig({ file, env: {} })).toThrow(/the configuration .*belongs to user 60500/);
  expect(() => loadConfig({ env: { PAM_CONFIG: file } })).toThrow(/belongs to user 60500/);
  expect(() => loadConfig({ env: { PAM_STATE: theirs } })).toThrow(
    /the state folder .*belongs to user 60500/,
  );
  expect(existsSync(join(theirs, 'run.json'))).toBe(false);
});
