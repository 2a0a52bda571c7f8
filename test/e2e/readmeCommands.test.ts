/** The commands of the README, exactly as they stand there, against a running installation. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CategoryStatus } from '../../workflows/contracts';
import { openPaths, statePathsThatMayBeOpen } from '../support/openPaths';
import { type OwnInstallation, ownInstallation } from '../support/pamProcess';

jest.setTimeout(180_000);

const readme = readFileSync(join(__dirname, '..', '..', 'README.md'), 'utf8');
/** Lines of its shell blocks; `make` is what CI and the demo run. */
const commands = [...readme.matchAll(/^```sh\n([\s\S]*?)^```$/gm)]
  .flatMap(([, block = '']) => block.split('\n'))
  .filter((line) => line.startsWith('temporal ') || line.startsWith('bin/pam '));

let installation: OwnInstallation;
beforeAll(async () => {
  installation = ownInstallation();
  await installation.up();
});
afterAll(() => installation?.remove());

async function status(): Promise<CategoryStatus> {
  const { stdout } = await installation.shell(
    'temporal workflow query --workflow-id category:checkout --type status --output json',
  );
  return (JSON.parse(stdout) as { queryResult: [CategoryStatus] }).queryResult[0];
}

test('the README has the commands of the whole life of a category', () => {
  const text = commands.join('\n');
  for (const word of ['start', 'query', 'signal', 'update execute', 'show', 'list'])
    expect(text).toContain(`temporal workflow ${word}`);
});

test('each command works, and together they do what the README says', async () => {
  const stop = commands.findIndex((line) => line.includes('--name stop'));
  expect(stop).toBeGreaterThan(0);
  for (const line of commands.slice(0, stop)) {
    const ran = await installation.shell(line);
    expect({ line, code: ran.code, complaint: ran.code === 0 ? '' : ran.stderr }).toEqual({
      line,
      code: 0,
      complaint: '',
    });
    if (line.includes('"for":"30m"')) {
      for (let tries = 0; tries < 100 && (await status()).counts.routable < 3; tries++) await sleep(100);
      expect((await status()).counts).toMatchObject({ planned: 3, provisioned: 3, routable: 3 });
    }
  }
  const after = await status();
  expect(after.settings.risk).toBe(0.003);
  expect(after.settings.nodes.max).toBe(40);
  expect(after.mode).toBe('active');
  expect(after.override).toBeNull();
  // The Temporal CLI prints an empty list as null.
  expect(after.pendingEvents ?? []).toEqual([]);
  expect(after.rejected ?? []).toEqual([]);
  expect(after.decision?.reason).not.toBe('');

  // The whole folder of an installation that is at work, with nodes, stacks, logs and data.
  expect(openPaths(installation.stateDir, statePathsThatMayBeOpen)).toEqual([]);

  const served = await installation.shell('curl -s -o /dev/null -w "%{http_code}" "$PAM_ENTRY/checkout/1"');
  expect(served.stdout).toBe('200');

  expect((await installation.shell(commands[stop] as string)).code).toBe(0);
  for (let tries = 0; tries < 100; tries++) {
    const { stdout } = await installation.shell('temporal workflow describe --workflow-id category:checkout');
    if (/Status +COMPLETED/.test(stdout)) break;
    await sleep(200);
  }
  const end = await installation.shell('temporal workflow describe --workflow-id category:checkout');
  expect(end.stdout).toMatch(/Status +COMPLETED/);
  expect(end.stdout).toContain('moved elsewhere');
});

test('what can’t be is refused by the update, and a bad start fails naming the field', async () => {
  const start = await installation.shell(
    `temporal workflow execute --type allocateCategory --task-queue pam --workflow-id category:search --input '{"name":"search","match":{"pathPrefix":"search"}}'`,
  );
  expect(start.code).not.toBe(0);
  expect(start.stdout + start.stderr).toMatch(/match/);
});
