/** What an installation that is interrupted, or that a second process takes over, leaves in the cache. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { installInto } from '../../../installation/tools/install';

let cache: string;
let told: string[];
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'pam-install-'));
  told = [];
});
afterEach(() => rmSync(cache, { recursive: true, force: true }));

const isThere = () => existsSync(join(cache, 'tool-1'));
const install = (recipe: (temporary: string) => Promise<void>) =>
  installInto(cache, 'tool-1', isThere, recipe, (line) => told.push(line));
const write = async (temporary: string) => writeFileSync(join(temporary, 'tool'), 'whole');
const lockFile = () => join(cache, 'tool-1.lock');

/** The lock of a process that does not refresh it any more looks so after half a minute. */
function ageLock(): void {
  const then = new Date(Date.now() - 31_000);
  utimesSync(lockFile(), then, then);
}

test('after kill -9 in the middle of a download the next process installs all of it, and clears the rest away', async () => {
  const killed = spawn(
    process.execPath,
    [
      '-r',
      resolve(__dirname, '../../support/compileTypeScript.js'),
      resolve(__dirname, 'installThenHang.ts'),
      cache,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await once(killed.stdout, 'data');
  killed.kill('SIGKILL');
  await once(killed, 'exit');
  const [folder = '', lock] = readdirSync(cache).sort();
  expect(readdirSync(join(cache, folder))).toEqual(['partial.whl']);
  expect(lock).toBe('tool-1.lock');
  expect(isThere()).toBe(false);
  ageLock();
  await install(write);
  expect(readdirSync(cache)).toEqual(['tool-1']);
  expect(readdirSync(join(cache, 'tool-1'))).toEqual(['tool']);
}, 30_000);

test('who waits for another process says so, and takes what that one has made', async () => {
  let finish = () => {};
  const first = install(async (temporary) => {
    await new Promise<void>((resolved) => {
      finish = resolved;
    });
    await write(temporary);
  });
  while (!existsSync(lockFile())) await new Promise((resolved) => setTimeout(resolved, 10));
  const second = install(() => Promise.reject(new Error('obtained twice')));
  while (told.length === 0) await new Promise((resolved) => setTimeout(resolved, 10));
  expect(told).toEqual(['another process is installing it, waiting for that one']);
  finish();
  await Promise.all([first, second]);
  expect(readFileSync(join(cache, 'tool-1/tool'), 'utf8')).toBe('whole');
  expect(readdirSync(cache)).toEqual(['tool-1']);
}, 30_000);

test('a process that was suspended and lost its lock discards what it made', async () => {
  let second: Promise<void> | null = null;
  const first = install(async (temporary) => {
    ageLock();
    second = install(write);
    // Where the lock is refreshed the loss is noticed; by then the second has cleared this folder away.
    while (!told.join().includes('taken over')) await new Promise((resolved) => setTimeout(resolved, 100));
    expect(existsSync(temporary)).toBe(false);
    throw new Error('the folder is gone');
  });
  await expect(first).rejects.toMatchObject({
    code: 'CONFLICT',
    message: expect.stringMatching(/tool-1.*run the command again/),
  });
  await second;
  expect(readFileSync(join(cache, 'tool-1/tool'), 'utf8')).toBe('whole');
  expect(readdirSync(cache)).toEqual(['tool-1']);
}, 30_000);
