import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withFileLock } from '../../../adapters/files/fileLock';
import { replaceFile } from '../../../adapters/files/replaceFile';

const folder = mkdtempSync(join(tmpdir(), 'pam-files-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const options = {
  staleMs: 5_000,
  waitMs: 0,
  retryEveryMs: 20,
  conflict: () => new Error('held by another'),
};

test('a file is replaced as a whole, with its permissions, and leaves no draft', () => {
  const file = join(folder, 'new', 'run.json');
  replaceFile(file, 'one', { mode: 0o600 });
  replaceFile(file, 'two', { mode: 0o600 });
  expect(readFileSync(file, 'utf8')).toBe('two');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(join(folder, 'new'))).toEqual(['run.json']);
});

test('a draft in another folder; a write that fails keeps the old file and removes the draft', () => {
  const draftDir = join(folder, 'drafts');
  mkdirSync(draftDir);
  replaceFile(join(folder, 'live', 'a.json'), 'a', { draftDir });
  expect(readFileSync(join(folder, 'live', 'a.json'), 'utf8')).toBe('a');
  mkdirSync(join(folder, 'live', 'b.json', 'in the way'), { recursive: true });
  expect(() => replaceFile(join(folder, 'live', 'b.json'), 'b', { draftDir })).toThrow();
  expect(readdirSync(draftDir)).toEqual([]);
});

test('one holder at a time, whichever link it comes by; the result of the work is handed on', async () => {
  const link = join(folder, 'link');
  mkdirSync(join(folder, 'locked'));
  symlinkSync(join(folder, 'locked'), link);
  let asked: Promise<unknown> = Promise.resolve();
  const first = await withFileLock(join(folder, 'locked', 'change'), options, async () => {
    asked = withFileLock(join(link, 'change'), options, async () => 'second');
    await expect(asked).rejects.toThrow('held by another');
    return 'first';
  });
  expect(first).toBe('first');
  await expect(withFileLock(join(link, 'change'), options, async () => 'third')).resolves.toBe('third');
});

test('a lock is waited for, and free again after work that failed', async () => {
  const path = join(folder, 'waited');
  let finish = () => {};
  const held = withFileLock(
    path,
    options,
    () =>
      new Promise<void>((_, reject) => {
        finish = () => reject(new Error('failed'));
      }),
  );
  const waiting = withFileLock(path, { ...options, waitMs: 5_000 }, async () => 'done');
  setTimeout(() => finish(), 100);
  await expect(held).rejects.toThrow('failed');
  await expect(waiting).resolves.toBe('done');
});

test('work whose lock another process took is told so, and its result is refused', async () => {
  const path = join(folder, 'lost');
  const work = withFileLock(path, { ...options, conflict: () => new Error('taken over') }, async (lost) => {
    rmSync(`${path}.lock`, { recursive: true });
    await new Promise<void>((resolve) => lost.addEventListener('abort', () => resolve()));
    return 'not to be trusted';
  });
  await expect(work).rejects.toThrow('taken over');
}, 20_000);
