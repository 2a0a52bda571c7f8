/** `pam` in a folder that somebody else has prepared: it does nothing that stands there. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTicksOf } from '../../adapters/nodes/local/processIdentity';
import { stopAllNodes } from '../../adapters/nodes/local/stopAllNodes';
import { projectRoot } from '../../config/projectRoot';
import { stopInstallation } from '../../installation/stopInstallation';

jest.setTimeout(60_000);

const isRoot = process.getuid?.() === 0;
const stranger = 60_500;
const folder = mkdtempSync(join(tmpdir(), 'pam-strangers-'));
const running: ChildProcess[] = [];
afterAll(() => {
  for (const child of running) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** A process that must live, of this user or of another one. */
function bystander(uid?: number): { pid: number; startTicks: number; alive(): boolean } {
  const child = spawn('sleep', ['600'], {
    stdio: 'ignore',
    cwd: '/',
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  running.push(child);
  const pid = child.pid ?? 0;
  return {
    pid,
    startTicks: startTicksOf(pid) ?? 0,
    alive: () => child.exitCode === null && child.signalCode === null,
  };
}

/** A state folder whose records name that process as a server and as a node. */
function stateFolder(path: string, { pid, startTicks }: { pid: number; startTicks: number }): string {
  mkdirSync(join(path, 'nodes', 'c'), { recursive: true, mode: 0o700 });
  const run = {
    ...{ stateDir: path, startedMs: 1, pulumi: { binary: '', backendUrl: '' } },
    temporal: { address: '', namespace: 'default', uiUrl: null },
    database: { url: 'postgres://a:b@127.0.0.1:1/c', ours: true },
    envoy: { adminUrl: '', discoveryDir: '', listenUrl: '', binary: null },
    processes: [{ name: 'envoy', pid, startTicks, log: '' }],
  };
  writeFileSync(join(path, 'run.json'), JSON.stringify(run), { mode: 0o600 });
  writeFileSync(join(path, 'nodes', 'c', 'n.json'), JSON.stringify({ pid, startTicks }), { mode: 0o600 });
  return path;
}

function give(path: string): void {
  chownSync(path, stranger, stranger);
  if (statSync(path).isDirectory()) for (const name of readdirSync(path)) give(join(path, name));
}

const pam = (args: string[], options: { cwd?: string; env?: NodeJS.ProcessEnv }) =>
  new Promise<{ code: number; said: string }>((resolve) => {
    const env = { PATH: process.env.PATH, HOME: folder, ...options.env };
    execFile(
      process.execPath,
      [join(projectRoot(), 'bin', 'pam'), ...args],
      { ...options, env },
      (error, out, err) => resolve({ code: error === null ? 0 : Number(error.code), said: out + err }),
    );
  });

test('no command works with a state folder or a configuration of another user, and none of their processes ends', async () => {
  if (!isRoot) return;
  const victim = bystander();
  const home = join(folder, 'home-of-a-stranger');
  mkdirSync(home);
  stateFolder(join(home, '.pam'), victim);
  writeFileSync(join(home, 'pam.yaml'), 'stateDir: .pam\n');
  give(home);
  const refused = {
    code: 77,
    said: expect.stringMatching(/belongs to user 60500, and this command runs as "root"/),
  };
  const elsewhere = join(folder, 'pam.yaml');
  writeFileSync(elsewhere, `stateDir: ${join(home, '.pam')}\n`, { mode: 0o600 });
  const [inThere, byVariable, byFile] = await Promise.all([
    pam(['down'], { cwd: home }),
    pam(['down', '--purge'], { cwd: '/', env: { PAM_STATE: join(home, '.pam') } }),
    pam(['status'], { cwd: '/', env: { PAM_CONFIG: elsewhere } }),
  ]);
  expect([inThere, byVariable, byFile]).toEqual([refused, refused, refused]);
  expect(inThere.said).toMatch(/pam\.yaml/);
  await expect(stopInstallation(join(home, '.pam'), () => undefined)).rejects.toMatchObject({
    code: 'DENIED',
  });
  expect(victim.alive()).toBe(true);
  expect(readFileSync(join(home, '.pam', 'run.json'), 'utf8')).toContain(String(victim.pid));
});

test('nor with one that every user may write to', async () => {
  const victim = bystander();
  const state = stateFolder(join(folder, 'open'), victim);
  chmodSync(state, 0o777);
  const { code, said } = await pam(['down'], { cwd: folder, env: { PAM_STATE: state } });
  expect({ code, said }).toEqual({
    code: 77,
    said: expect.stringMatching(/may be written by every user.*chmod go-w/),
  });
  expect(victim.alive()).toBe(true);
});

test("in a folder of one's own, a record that names a process of somebody else ends nobody", async () => {
  if (!isRoot) return;
  const victim = bystander(stranger);
  const state = stateFolder(join(folder, 'own'), victim);
  expect(await stopAllNodes(state, () => undefined)).toBe(0);
  stateFolder(state, victim);
  expect(await stopInstallation(state, () => undefined)).toBe(0);
  expect(victim.alive()).toBe(true);
});

test('no tool is taken from a folder of PATH that depends on where a command is run', async () => {
  const trap = join(folder, 'trap');
  mkdirSync(join(trap, 'node_modules', '.bin'), { recursive: true });
  for (const name of ['temporal', 'node_modules/.bin/temporal']) {
    writeFileSync(join(trap, name), `#!/bin/sh\ntouch '${folder}/sprung'\necho 9.9.9\n`);
    chmodSync(join(trap, name), 0o755);
  }
  const path = `:.:node_modules/.bin:${process.env.PATH}`;
  const env = { PATH: path, PAM_TEMPORAL: '', PAM_STATE: join(folder, 'none') };
  const { said } = await pam(['tools'], { cwd: trap, env });
  expect(said).not.toContain('9.9.9');
  expect(readdirSync(folder)).not.toContain('sprung');
});
