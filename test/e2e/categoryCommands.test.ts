/** list, status, apply, explain, audit and events as people use them, against a running installation. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Standing } from '../../cli/category/standings';
import type { Story } from '../../cli/category/story';
import { type OwnInstallation, ownInstallation, type Ran } from '../support/pamProcess';

jest.setTimeout(180_000);

let installation: OwnInstallation;
beforeAll(async () => {
  installation = ownInstallation();
  await installation.up();
});
afterAll(() => installation?.remove());

const pam = (line: string): Promise<Ran> => installation.shell(`bin/pam ${line}`);
const json = async <T>(line: string): Promise<T> => JSON.parse((await pam(line)).stdout) as T;

function declare(name: string, text: string): string {
  const file = join(installation.stateDir, name);
  writeFileSync(file, text);
  return file;
}

const quick = 'mode: forecast-only, bin: 1s, lead: 2s, horizons: [2s], scaleDownHold: 2s';
const entry = (name: string, settings = '') =>
  `  - { name: ${name}, match: { pathPrefix: /${name} }, ${quick}${settings} }\n`;

async function until(what: string, test: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 60; tries++) {
    if (await test()) return;
    await sleep(500);
  }
  throw new Error(`${what}: not within 30 s`);
}

test('apply: nothing while an entry is wrong; the diff, the start, the change, the end; again changes nothing', async () => {
  const bad = declare('bad.yaml', `categories:\n${entry('shop')}${entry('search', ', risk: 7')}`);
  const refused = await pam(`apply -f ${bad}`);
  expect(refused).toMatchObject({ code: 65, stdout: '' });
  expect(refused.stderr).toMatch(/bad\.yaml:3: search: risk: /);
  expect(await json<Standing[]>('list --json')).toEqual([]);

  const good = declare('good.yaml', `categories:\n${entry('shop')}${entry('search')}`);
  const dry = await pam(`apply -f ${good} --dry-run`);
  expect(dry.code).toBe(2);
  expect(dry.stdout).toMatch(/\+ search +start .*\n\+ shop +start /);
  expect(await json<Standing[]>('list --json')).toEqual([]);
  expect(await pam(`apply -f ${good}`)).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/: started\n.*: started\n/),
  });
  await until('both answer', async () => (await pam(`apply -f ${good} --dry-run`)).code === 0);

  const changed = declare(
    'changed.yaml',
    `categories:\n${entry('shop', ', risk: 0.003, nodes: { max: 9 }')}`,
  );
  const update = await pam(`apply -f ${changed}`);
  expect(update).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/risk +0\.01 → 0\.003\n +nodes\.max +20 → 9|nodes\.max +20 → 9/),
  });
  expect(update.stdout).toMatch(/\? search .*--prune/);
  const story = await json<Story>('status shop --json');
  expect(story.standing.status?.settings).toMatchObject({ risk: 0.003, nodes: { max: 9 } });
  expect((await pam(`apply -f ${changed} --dry-run`)).code).toBe(0);
  const fixed = declare('fixed.yaml', `categories:\n${entry('shop').replace('bin: 1s', 'bin: 2s')}`);
  expect(await pam(`apply -f ${fixed}`)).toMatchObject({
    code: 75,
    stderr: expect.stringMatching(/shop: bin: 1s → 2s can’t change/),
  });

  expect((await pam(`apply -f ${changed} --prune`)).stdout).toMatch(/- search +stop: stopping/);
  await until('search has ended', async () =>
    (await json<Standing[]>('list --json')).some(
      ({ category, state }) => category === 'search' && state === 'completed',
    ),
  );
  expect((await json<Standing[]>('list --json --closed 0')).map(({ category }) => category)).toEqual([
    'shop',
  ]);
  expect((await pam('status search')).stdout).toMatch(
    /search: completed, ended .*\noutcome +stopped: pam apply/,
  );
});

test('list and status tell of a category whose worker is down instead of hanging', async () => {
  const line = `temporal workflow start --type allocateCategory --task-queue nowhere --workflow-id category:orphan --input '{"name":"orphan","match":{"host":"o"}}'`;
  expect((await installation.shell(line)).code).toBe(0);
  const startMs = Date.now();
  const rows = await json<Standing[]>('list --json');
  expect(Date.now() - startMs).toBeLessThan(20_000);
  expect(rows.find(({ category }) => category === 'orphan')).toMatchObject({
    state: 'no answer',
    counts: null,
  });
  expect(rows.find(({ category }) => category === 'shop')).toMatchObject({
    state: 'forecast-only',
    source: 'workflow',
    counts: { provisioned: 0, routable: 0 },
    decision: { reason: expect.stringMatching(/./) },
  });
  const all = await pam('status');
  expect(all.code).toBe(69);
  expect(all.stdout).toMatch(/^allocation worker +up[\s\S]*^shop +forecast-only [\s\S]*^orphan: no answer/m);
  expect(await pam('status orphan')).toMatchObject({
    code: 69,
    stdout: expect.stringContaining('orphan: no answer'),
  });
  await installation.shell('temporal workflow terminate --workflow-id category:orphan --reason "test"');
});

test('--watch writes look after look and ends with Ctrl-C and 0', async () => {
  // Ctrl-C comes once two looks were written: how long that takes is the machine's affair.
  const watched = await installation.shell(`
    set -m
    looks=$(mktemp)
    bin/pam status shop --watch --json --every 500ms > "$looks" &
    for _ in $(seq 300); do [ "$(wc -l < "$looks")" -ge 2 ] && break; sleep 0.2; done
    kill -INT $!
    wait $!
    code=$?
    cat "$looks"
    rm "$looks"
    echo "code $code"`);
  const lines = watched.stdout.trim().split('\n');
  expect(lines.pop()).toBe('code 0');
  expect(lines.length).toBeGreaterThan(1);
  for (const line of lines) expect(JSON.parse(line)).toMatchObject({ standing: { category: 'shop' } });
});

test('audit tells who asked and what came of it, explain walks a decision, events tells what is expected', async () => {
  const start = new Date(Date.now() + 3_600_000).toISOString();
  const signal = `temporal workflow signal --identity ann --workflow-id category:shop --name calendarEvent --input '{"name":"sale","start":"${start}","duration":"1h","uplift":3}'`;
  expect((await installation.shell(signal)).code).toBe(0);
  let lines: { kind: string; by: string | null; what: string }[] = [];
  await until('the event is recorded', async () => {
    const told = await pam('audit shop --since 5m --json');
    lines = told.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as (typeof lines)[number]);
    return lines.some(({ what }) => what.startsWith('events stored'));
  });
  expect(lines).toContainEqual(
    expect.objectContaining({
      kind: 'asked',
      by: 'ann',
      what: expect.stringContaining('signal calendarEvent'),
    }),
  );
  expect(lines).toContainEqual(
    expect.objectContaining({ kind: 'asked', what: expect.stringMatching(/^update configure .*0\.003/) }),
  );
  for (const kind of ['predicted', 'decided'])
    expect(lines.filter((entry) => entry.kind === kind).length).toBeGreaterThan(1);

  const walk = await pam('explain shop');
  expect(walk.code).toBe(0);
  for (const step of ['1 demand', '2 model', '3 quantiles', '4 events', '5 decision', '6 nodes', '7 outcome'])
    expect(walk.stdout).toContain(`\n${step}`);
  const explained = await json<{ decision: { id: string; plan: { reason: string } } }>(
    'explain shop --at 1s --json',
  );
  expect(explained.decision.id).toMatch(/^shop@/);
  expect(explained.decision.plan.reason).not.toBe('');
  expect(await pam('explain shop --at 30d')).toMatchObject({
    code: 66,
    stderr: expect.stringMatching(/the first is from 20/),
  });

  const known = await pam('events shop');
  expect(known.stdout).toMatch(
    /upcoming .* sale +sale +signal +×3 +×3 \(not enough occurrences: prior, stated\)/,
  );
});

test('a hostile name of an event acts in no output of any command that prints it', async () => {
  const start = new Date(Date.now() + 1_800_000).toISOString();
  const name = 'e\u001b[2J\u009b1m\u202e\r\n2030-01-01T00:00:00.000Z  asked  forged ![x](http://h/) @SUM(1)';
  const message = { name, start, duration: '1h', uplift: 2, id: 'hostile', kind: 'promo\u001b[1m' };
  // What has control characters is refused, and stands in the history all the same; what has only markup is stored.
  const markup = { name: 'forged ![x](http://h/) =SUM(1)', start, duration: '1h', uplift: 2, id: 'markup' };
  const file = declare('hostile.json', JSON.stringify([message, markup]));
  const signal = `temporal workflow signal --identity $'e\\e[31mve' --workflow-id category:shop --name calendarEvent --input-file ${file}`;
  expect(await installation.shell(signal)).toMatchObject({ code: 0 });
  await until('it is recorded', async () => (await pam('events shop')).stdout.includes('forged'));
  const lines = ['events shop', 'status shop', 'status shop --json', 'status'];
  lines.push(
    'explain shop',
    'explain shop --json',
    'audit shop --since 5m --all',
    'audit shop --json --since 5m',
  );
  await Promise.all(
    lines.map(async (line) => {
      const { stdout, stderr } = await pam(line);
      expect({ line, text: stdout + stderr }).toEqual({
        line,
        text: expect.stringMatching(/^(?:(?!\u202e)\P{Cc}|\n|\t)*$/u),
      });
      // It forges no line of its own.
      expect({ line, forged: /^2030-01-01/m.test(stdout) }).toEqual({ line, forged: false });
      if (/^(events|audit)/.test(line))
        expect({ line, stdout }).toMatchObject({ stdout: expect.stringContaining('forged') });
    }),
  );
  // What the Temporal UI renders of it is no image.
  const details = await installation.shell('temporal workflow metadata --workflow-id category:shop');
  expect(details.stdout).toContain('forged');
  expect(details.stdout).not.toContain('![x](');
});

test('a wrong name is answered with the categories that there are, an impossible one at once', async () => {
  await Promise.all(
    ['status', 'explain', 'audit', 'events'].map(async (name) => {
      expect({ name, ...(await pam(`${name} shpo`)) }).toMatchObject({
        name,
        code: 66,
        stdout: '',
        stderr: expect.stringMatching(/"shpo".*shop/),
      });
      expect({ name, ...(await pam(`${name} "x' OR 1=1"`)) }).toMatchObject({
        name,
        code: 64,
        stderr: expect.stringMatching(/expected 1 to 40 lower-case/),
      });
    }),
  );
});

test('a server that is down is named, without a stack trace', async () => {
  const file = declare('one.yaml', `categories:\n${entry('shop')}`);
  const noTemporal = ['list', 'status shop', `apply -f ${file}`, 'audit shop'].map(
    (line) => `TEMPORAL_ADDRESS=127.0.0.1:1 bin/pam ${line}`,
  );
  const noDatabase = ['explain shop', 'events'].map(
    (line) => `DATABASE_URL=postgres://pam@127.0.0.1:1/pam bin/pam ${line}`,
  );
  await Promise.all(
    [...noTemporal, ...noDatabase].map(async (line) => {
      const ran = await installation.shell(line);
      expect({ line, code: ran.code }).toEqual({ line, code: 69 });
      expect(ran.stderr).toContain('127.0.0.1:1');
      expect(ran.stderr).not.toMatch(/^ +at /m);
    }),
  );
  // What the workflows tell does not need the database.
  const list = await installation.shell('DATABASE_URL=postgres://pam@127.0.0.1:1/pam bin/pam list --json');
  expect(list.code).toBe(0);
  expect(JSON.parse(list.stdout)).toContainEqual(
    expect.objectContaining({ category: 'shop', source: 'workflow' }),
  );
});

test('a shell completes commands and the names of categories', async () => {
  const ran = await pam('--get-yargs-completions pam explain s');
  expect(ran).toMatchObject({ code: 0, stderr: '' });
  expect(ran.stdout.split('\n')).toEqual(expect.arrayContaining(['shop', 'search']));
});
