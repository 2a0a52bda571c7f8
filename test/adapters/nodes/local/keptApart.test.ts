/** What a node can do to the worker that started it: a real process tries. */
import { execFile } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { beginDrain, finishDrains } from '../../../../adapters/nodes/local/endNode';
import { thisMachine } from '../../../../adapters/nodes/local/machine';
import { makeNodeFolder, removeNodeFolders } from '../../../../adapters/nodes/local/nodeFolders';
import { nodeUsers } from '../../../../adapters/nodes/local/nodeUser';
import { localSettings } from '../../../../adapters/nodes/local/settings';
import { startNode } from '../../../../adapters/nodes/local/startNode';
import { stopAllNodes } from '../../../../adapters/nodes/local/stopAllNodes';
import { settingsParser } from '../../../../core/category/settings';
import type { NodeOrder, ProviderSettings } from '../../../../ports/nodeOrder';
import type { LocalNodeStore } from '../../../../ports/stores/nodes/localNodeStore';
import { nodeStage, nodeTemplate, until } from '../../../support/nodeStage';
import { suiteDatabase } from '../../../support/suiteDatabase';

const stage = nodeStage();
const { stateDir, builtInNode } = stage;
const machine = thisMachine();
let store: LocalNodeStore;
suiteDatabase((database) => {
  store = database.localNodes;
});
afterEach(async () => {
  await stopAllNodes(stateDir, () => undefined);
  for (const { category, id } of await store.list()) await store.remove(category, id);
});
afterAll(async () => {
  removeNodeFolders(stateDir);
  await stage.close();
});
const isRoot = process.getuid?.() === 0;

function order(id: string, part: ProviderSettings = {}): NodeOrder {
  const settings = settingsParser(localSettings).parse({ bootTime: '1ms', ...part });
  const template = nodeTemplate();
  return { id, category: 'c', stack: 'c', createdBy: 'test', createdMs: 1, expiresMs: 2, template, settings };
}
const start = (wanted: NodeOrder) =>
  startNode(wanted, { stateDir, builtInNode, store, machine, random: Math.random });

/** Says in one line what it can see and do, then serves. */
const curious = (secret: string, worker: number) => `
  const fs = require('fs');
  const can = (act) => { try { return String(act()).slice(0, 200); } catch (error) { return error.code; } };
  const status = fs.readFileSync('/proc/self/status', 'utf8');
  console.log(JSON.stringify({
    uid: process.getuid(), gid: process.getgid(), groups: process.getgroups(),
    secret: can(() => fs.readFileSync(${JSON.stringify(secret)}, 'utf8')),
    listed: can(() => fs.readdirSync(require('path').dirname(${JSON.stringify(secret)}))),
    environ: can(() => fs.readFileSync('/proc/${worker}/environ', 'latin1')),
    memory: can(() => fs.openSync('/proc/${worker}/mem', 'r')),
    kill: can(() => process.kill(${worker}, 0)),
    env: process.env, cwd: process.cwd(), here: fs.readdirSync('.'), umask: process.umask(),
    wrote: can(() => fs.writeFileSync('own', 'mine')),
    open: fs.readdirSync('/proc/self/fd').map((fd) => can(() => fs.readlinkSync('/proc/self/fd/' + fd))),
    privileges: /NoNewPrivs:\\s*(\\d)/.exec(status)[1],
    core: /Max core file size\\s+(\\d+)/.exec(fs.readFileSync('/proc/self/limits', 'utf8'))[1],
  }));
  require('http').createServer((_, r) => r.end()).listen(process.env.PORT, process.env.HOST);`;

test('a node is another user: it reads nothing of the state folder or of its worker, and knows no secret', async () => {
  if (!isRoot) return;
  const secret = join(stateDir, 'password');
  // Even where a file of the worker is left open to all, its folder is not.
  writeFileSync(secret, 'secret', { mode: 0o644 });
  const inherited = {
    DATABASE_URL: 'postgres://a:b@c/d',
    PULUMI_ACCESS_TOKEN: 'x',
    AWS_SECRET_ACCESS_KEY: 'y',
    PGPASSWORD: 'z',
    TEMPORAL_API_KEY: 't',
    NODE_OPTIONS: '--no-warnings',
  };
  const before = { ...process.env };
  Object.assign(process.env, inherited);
  try {
    const command = [process.execPath, '-e', curious(secret, process.pid)];
    const node = await start(order('curious', { command, env: { OWN: '1' } }));
    await until('it has spoken', () => readFileSync(node.log, 'utf8').includes('\n'));
    const said = JSON.parse(readFileSync(node.log, 'utf8'));
    const users = nodeUsers();
    expect(users.warning).toBeNull();
    expect(said.uid).not.toBe(0);
    expect(users.ids).toContain(said.uid);
    expect(said).toMatchObject({ uid: said.gid, groups: [said.gid], secret: 'EACCES', listed: 'EACCES' });
    expect(said).toMatchObject({ environ: 'EACCES', memory: 'EACCES', kill: 'EPERM' });
    expect(said).toMatchObject({ privileges: '1', core: '0', here: [], wrote: 'undefined' });
    for (const name of Object.keys(inherited)) expect(said.env).not.toHaveProperty(name);
    expect(
      Object.keys(said.env)
        .filter((name) => !name.startsWith('PAM_'))
        .sort()
        .join(),
    ).toMatch(/^HOME,HOST,(LANG,|LC_ALL,)*OWN,PATH,PORT,TMPDIR(,TZ)?$/);
    expect(said.env).toMatchObject({ HOME: said.cwd, TMPDIR: said.cwd });
    // Nothing but its streams, and what Node.js itself opens.
    const files = said.open.filter((file: string) => file.startsWith('/') && file !== '/dev/null');
    expect(new Set(files.filter((file: string) => !file.startsWith('/proc/')))).toEqual(new Set([node.log]));
    // Its folder is its own alone, outside of the state folder, and the way to it shows nobody else's.
    expect(said.cwd.startsWith(`${stateDir}/`)).toBe(false);
    expect(statSync(said.cwd)).toMatchObject({ uid: said.uid, mode: 0o040700 });
    for (const above of [join(said.cwd, '..'), join(said.cwd, '../..')])
      expect(statSync(above)).toMatchObject({ uid: 0, mode: 0o040711 });
    await beginDrain({ store, machine, now: Date.now }, 'c', 'curious', 5_000);
    await until(
      'it is gone',
      async () => (await finishDrains({ store, machine, now: Date.now }, await store.list())) === 0,
    );
    await until('its folder too', () => !existsSync(said.cwd));
  } finally {
    for (const name of Object.keys(inherited)) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  }
});

test('the built-in node runs although its user can reach neither the checkout nor the state folder', async () => {
  expect(statSync(join(builtInNode, '..')).mode & 0o077).toBe(0);
  const node = await start(order('built-in'));
  await until(
    'it serves',
    async () => (await fetch(`http://${node.host}:${node.port}/healthz`).catch(() => null))?.status === 200,
  );
  if (isRoot) expect(statSync(`/proc/${node.pid}`).uid).not.toBe(0);
  expect(stage.pids()).toEqual([node.pid]);
  // A signal from here ends it, whoever it runs as.
  expect(await stopAllNodes(stateDir, () => undefined)).toBe(1);
});

test('two nodes of one id get an empty folder each time, and no link of a former one is followed', () => {
  const outside = mkdtempSync(join(tmpdir(), 'pam-outside-'));
  writeFileSync(join(outside, 'precious'), '');
  const folder = makeNodeFolder(stateDir, 'c', 'again', null);
  symlinkSync(outside, join(folder, 'link'));
  mkdirSync(join(folder, 'deep/er'), { recursive: true });
  expect(readdirSync(makeNodeFolder(stateDir, 'c', 'again', null))).toEqual([]);
  expect(readdirSync(outside)).toEqual(['precious']);
  rmSync(outside, { recursive: true });
});

test('folders that somebody else could have put there are not used', () => {
  const first = readlinkSync(join(stateDir, 'node-folders'));
  chmodSync(first, 0o777);
  const folder = makeNodeFolder(stateDir, 'c', 'elsewhere', null);
  expect(folder.startsWith(`${first}/`)).toBe(false);
  rmSync(first, { recursive: true });
});

test('a user without rights gives its nodes a namespace without the state folder, or says that it cannot', async () => {
  const root = mkdtempSync(join(tmpdir(), 'pam-namespace-'));
  const own = join(root, 'state dir');
  const folder = join(root, 'folder');
  for (const path of [own, folder]) mkdirSync(path, { mode: 0o700 });
  const secret = join(own, 'password');
  writeFileSync(secret, 'secret', { mode: 0o600 });
  const identity = isRoot ? { uid: 60_577, gid: 60_577 } : {};
  if (isRoot) for (const path of [root, own, folder, secret]) chownSync(path, 60_577, 60_577);
  const tries = `const fs = require('fs'); const can = (act) => { try { return String(act()); } catch (error) { return error.code; } };
    console.log(JSON.stringify({
      secret: can(() => fs.readFileSync(${JSON.stringify(secret)})), listed: can(() => fs.readdirSync(${JSON.stringify(own)})),
      environ: can(() => fs.readFileSync('/proc/' + process.env.WORKER + '/environ')),
      unmounted: can(() => require('child_process').execFileSync('umount', [${JSON.stringify(own)}], { stdio: 'ignore' }).status),
      again: can(() => require('child_process').execFileSync('unshare', ['--user', '--map-root-user', '--mount', 'sh', '-c', 'umount "$0"; cat "$0"/password', ${JSON.stringify(own)}], { stdio: ['ignore', 'pipe', 'ignore'] })),
      uid: process.getuid(), hidden: process.env.PAM_HIDDEN,
    })); setInterval(() => {}, 1000);`;
  const register = resolve(__dirname, '../../../support/compileTypeScript.js');
  const program = resolve(__dirname, '../../../support/nodeInNamespace.ts');
  const request = JSON.stringify({ stateDir: own, folder, command: [process.execPath, '-e', tries] });
  const { stdout } = await promisify(execFile)(process.execPath, ['-r', register, program, request], {
    ...identity,
    env: { PATH: process.env.PATH, TMPDIR: root },
    cwd: '/',
  });
  const { kind, warning, found, ended, said } = JSON.parse(stdout);
  expect(found).toBe(true);
  expect(ended).not.toContain(false);
  const tried = JSON.parse(said);
  if (kind === 'namespace') {
    expect(tried).toMatchObject({ secret: expect.stringMatching(/^E(ACCES|NOENT)$/), environ: 'EACCES' });
    expect(tried.listed).not.toContain('password');
    expect([tried.unmounted, tried.again].join()).not.toContain('secret');
    expect(tried.unmounted).not.toBe('0');
    expect(tried).not.toHaveProperty('hidden');
  } else {
    expect(warning).toMatch(/can read all that it can.*docs\/operations\.md/s);
    expect(tried.secret).toBe('secret');
  }
  rmSync(root, { recursive: true });
});

test.each([
  ['no-such-user-here', /no user "no-such-user-here"/],
  ['0', isRoot ? /can read all that PAM can/ : /only root/],
  ['0:5', isRoot ? /can read all that PAM can/ : /only root/],
])('nodes.local.user %s is refused, or said to be no protection', (setting, says) => {
  let said = '';
  try {
    said = nodeUsers(setting).warning ?? '';
  } catch (error) {
    said = String(error);
  }
  expect(said).toMatch(says);
});
