/** When `.ci/run` begins with an empty cache and what it leaves, in a made-up checkout whose `make` only writes down. */
import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { projectRoot } from '../../../config/projectRoot';

const paths = [
  ...['.ci/run', '.npmrc', 'Makefile', 'installation/tools', 'jest.config.js', 'package-lock.json', 'tools'],
  ...['test/servers.setup.ts', 'test/trainer.setup.ts', 'test/workflows.setup.ts'],
  'test/support/testEnvironment.ts',
];

let machine: string;
beforeEach(() => {
  machine = mkdtempSync(join(tmpdir(), 'pam-cold-'));
  for (const path of paths) {
    mkdirSync(dirname(join(machine, 'checkout', path)), { recursive: true });
    cpSync(join(projectRoot(), path), join(machine, 'checkout', path), { recursive: true });
  }
  mkdirSync(join(machine, 'bin'));
  mkdirSync(join(machine, 'home/.cache/pam/envoy-1'), { recursive: true });
  makeThat('');
});
afterEach(() => rmSync(machine, { recursive: true, force: true }));

/** A `make` that writes down its target and how many tools its cache has, obtains one, and then does `more`. */
function makeThat(more: string): void {
  writeFileSync(
    join(machine, 'bin/make'),
    `#!/bin/sh
cache="\${XDG_CACHE_HOME:-$HOME/.cache}/pam"
echo "$1 $(ls "$cache" 2>/dev/null | grep -c -v cold-run)" >> "${machine}/made"
mkdir -p "$cache/obtained-1"
${more}
`,
    { mode: 0o755 },
  );
}

async function run(env: NodeJS.ProcessEnv = {}): Promise<{ code: number; made: string[]; out: string }> {
  rmSync(join(machine, 'made'), { force: true });
  const { PATH } = process.env;
  const { code, out } = await new Promise<{ code: number; out: string }>((resolve) =>
    execFile(
      join(machine, 'checkout/.ci/run'),
      { env: { PATH: `${join(machine, 'bin')}${delimiter}${PATH}`, HOME: join(machine, 'home'), ...env } },
      (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), out: stdout + stderr }),
    ),
  );
  const made = existsSync(join(machine, 'made')) ? readFileSync(join(machine, 'made'), 'utf8') : '';
  return { code, made: made.trim().split('\n'), out };
}
const cache = () => readdirSync(join(machine, 'home/.cache/pam')).sort();
const emptyAtFirst = ['check 0', 'test 1'];

test('cold until a cold run has passed, then warm with what that one obtained', async () => {
  const first = await run();
  expect(first).toMatchObject({ code: 0, made: emptyAtFirst, out: expect.stringContaining('75 minutes') });
  expect(cache()).toEqual([expect.stringMatching(/^cold-run-passed-/), 'envoy-1', 'obtained-1']);
  const second = await run();
  expect(second).toMatchObject({
    code: 0,
    made: ['check 2', 'test 2'],
    out: expect.stringContaining('30 minutes'),
  });
  expect((await run({ COLD: '1' })).made).toEqual(emptyAtFirst);
  expect(cache()).toHaveLength(3);
}, 60_000);

test('a run that fails proves nothing, and leaves no cache behind', async () => {
  makeThat('[ "$1" = check ] || { echo "Error: no pip"; exit 2; }');
  expect(await run()).toMatchObject({
    code: 2,
    out: expect.stringMatching(/failing part of test:\n.*no pip/),
  });
  expect(cache()).toEqual(['envoy-1']);
  expect((await run({ COLD: '0' })).made).toEqual(['check 1', 'test 2']);
  expect((await run()).made).toEqual(emptyAtFirst);
}, 60_000);

test('a changed file of the tools makes the next run cold, another dependency does not', async () => {
  await run();
  const checkout = (path: string) => join(machine, 'checkout', path);
  const change = (path: string, from: string | RegExp, to: string) => {
    const text = readFileSync(checkout(path), 'utf8');
    expect(text.replace(from, to)).not.toBe(text);
    writeFileSync(checkout(path), text.replace(from, to));
  };
  change('package-lock.json', /("node_modules\/zod": \{\s*"version": ")[^"]*/, '$199.0.0');
  expect((await run()).made[0]).not.toBe('check 0');
  change('package-lock.json', /("node_modules\/@tensorflow\/tfjs-node": \{\s*"version": ")[^"]*/, '$199.0.0');
  expect((await run()).made).toEqual(emptyAtFirst);
  expect((await run()).made[0]).not.toBe('check 0');
  change('installation/tools/versions.json', '1.9.1', '1.9.2');
  expect((await run()).made).toEqual(emptyAtFirst);
}, 60_000);

test('a listed file that was moved away is told, since the list would miss its changes', async () => {
  rmSync(join(machine, 'checkout/test/trainer.setup.ts'));
  expect(await run()).toMatchObject({
    code: 1,
    made: [''],
    out: expect.stringContaining('test/trainer.setup.ts is listed in tools/toolsFingerprint.mjs'),
  });
});
