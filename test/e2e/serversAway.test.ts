/**
 * A whole installation under load, as `pam up` starts it, and its servers taken away in turn: killed, gone for many bins, hanging.
 * Nodes and routes stay, no request fails, the loop goes on without a burst, no bin is lost, and the doctor finds nothing.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { isRunning } from '../../adapters/nodes/local/processIdentity';
import { type Installation, readInstallation } from '../../installation/installation';
import type { CategoryStatus } from '../../workflows/contracts';
import { until } from '../support/nodeStage';
import { type OwnInstallation, ownInstallation } from '../support/pamProcess';
import { nodeProcesses } from '../support/poolFaults';
import { type SteadyLoad, startSteadyLoad } from '../support/steadyLoad';

jest.setTimeout(300_000);

const binMs = 2_000;
/** More than the three bins that samples alone bridge, and than a tick's retries. */
const awayMs = 7 * binMs;

let installation: OwnInstallation;
let load: SteadyLoad;
let pods: string;

const record = (): Installation => {
  const found = readInstallation(installation.stateDir);
  if (found === null) throw new Error('nothing is installed');
  return found;
};
function pidOf(name: string): number {
  const pid = record().processes.find((one) => one.name === name)?.pid;
  // Never a default: a signal to process 0 goes to everyone around us.
  if (pid === undefined) throw new Error(`no ${name} on record`);
  return pid;
}
const nodePids = () =>
  nodeProcesses(new Set([installation.stateDir]))
    .map(({ pid }) => pid)
    .sort((a, b) => a - b)
    .join(' ');

async function status(): Promise<CategoryStatus> {
  const { stdout, stderr } = await installation.shell('bin/pam show mail --json');
  const { standing } = JSON.parse(stdout || '{}') as { standing?: { status: CategoryStatus | null } };
  if (!standing?.status) throw new Error(`no answer: ${stdout.slice(0, 300)} ${stderr}`);
  return standing.status;
}

async function rows<Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> {
  const client = new Client({ connectionString: record().database.url });
  await client.connect();
  try {
    return (await client.query(text, values)).rows as Row[];
  } finally {
    await client.end();
  }
}
const decisionsSince = async (fromMs: number): Promise<number> => {
  const found = await rows<{ count: number }>(
    "SELECT count(*)::int AS count FROM pam.decisions WHERE category = 'mail' AND made_at >= to_timestamp($1::float8 / 1000)",
    [fromMs],
  );
  return found[0]?.count ?? 0;
};

/** Waits until the loop decides again; it makes up for no tick that it has missed. */
async function goesOn(fromMs: number): Promise<void> {
  await until('the loop decides again', async () => (await decisionsSince(fromMs)) >= 2, 60_000);
  const bins = (Date.now() - fromMs) / binMs;
  // One a bin, and one in the middle of a bin if more is measured.
  expect(await decisionsSince(fromMs)).toBeLessThanOrEqual(2 * Math.ceil(bins) + 1);
}

function nothingHappened(): void {
  expect(nodePids()).toBe(pods);
  expect(load.failures).toEqual([]);
}

beforeAll(async () => {
  installation = ownInstallation();
  await installation.up();
  const input = JSON.stringify({
    ...{ name: 'mail', match: { pathPrefix: '/mail' }, bin: '2s', lead: '10s' },
    nodes: { min: 2, max: 2 },
  });
  await installation.shell(
    `temporal workflow start --type allocateCategory --task-queue pam --workflow-id category:mail --input '${input}'`,
  );
  await until('its nodes take traffic', async () => (await status()).counts.routable === 2, 60_000);
  pods = nodePids();
  load = startSteadyLoad({ url: `${record().envoy.listenUrl}/mail/1`, headers: [{}], requestsPerSecond: 10 });
  await goesOn(Date.now());
});
afterAll(async () => {
  await load?.stop();
  await installation?.remove();
});

test('Temporal killed and gone for many bins: nodes and routes stay, missed ticks are skipped', async () => {
  const before = await status();
  process.kill(pidOf('temporal'), 'SIGKILL');
  await sleep(awayMs);
  const told = await installation.shell('bin/pam status');
  expect(told.code).toBe(69);
  expect(told.stdout).toMatch(/temporal +down/);
  nothingHappened();
  await installation.up();
  await goesOn(Date.now());
  const after = await status();
  expect(after.ticks.skipped - before.ticks.skipped).toBeGreaterThanOrEqual(3);
  nothingHappened();
});

test('PostgreSQL killed and gone for many bins: nodes stay, it is said why, every bin is there afterwards', async () => {
  const fromMs = Math.ceil(Date.now() / binMs) * binMs;
  process.kill(pidOf('postgres'), 'SIGKILL');
  await sleep(awayMs);
  nothingHappened();
  const told = await installation.shell('bin/pam show mail');
  expect(told.stdout).toMatch(/trouble +(predict|verify|calculate|its next look)/);
  await installation.up();
  const backMs = Date.now();
  await goesOn(backMs);
  const toMs = Math.floor(backMs / binMs) * binMs;
  const bins = (toMs - fromMs) / binMs;
  const found = () =>
    rows<{ requests: number }>(
      "SELECT requests FROM pam.bins WHERE category = 'mail' AND live AND start_at >= to_timestamp($1::float8 / 1000) AND start_at < to_timestamp($2::float8 / 1000)",
      [fromMs, toMs],
    );
  await until('every bin is stored', async () => (await found()).length === bins, 30_000);
  const requests = (await found()).reduce((sum, one) => sum + one.requests, 0);
  // Counted when answered, sent a moment before: a few lie in the bins beside.
  expect(Math.abs(requests - load.sent(0, fromMs, toMs))).toBeLessThan(10);
  const { rejected } = await status();
  expect(rejected.map(({ why }) => why).join('\n')).toMatch(/ECONNREFUSED|terminat/);
  nothingHappened();
});

test('Envoy hanging: the status says so, requests wait, none fails', async () => {
  const pid = pidOf('envoy');
  process.kill(pid, 'SIGSTOP');
  const told = await installation.shell('bin/pam status --json');
  process.kill(pid, 'SIGCONT');
  expect(told.code).toBe(69);
  const { parts } = JSON.parse(told.stdout) as { parts: { name: string; state: string }[] };
  expect(parts.filter(({ state }) => state !== 'up')).toMatchObject([{ name: 'envoy', state: 'hanging' }]);
  nothingHappened();
});

test('both workers killed, run.json lost: the next start takes up where they were', async () => {
  for (const name of ['allocation worker', 'training worker']) process.kill(pidOf(name), 'SIGKILL');
  const temporal = pidOf('temporal');
  await installation.shell('rm "$PAM_STATE/run.json"');
  await installation.up();
  expect(pidOf('temporal')).toBe(temporal);
  await goesOn(Date.now());
  nothingHappened();
});

test('a category that lost its row is measured again after a repair; then the doctor finds nothing', async () => {
  await rows("DELETE FROM pam.categories WHERE name = 'mail'");
  const sick = await installation.shell('bin/pam doctor');
  expect(sick.code).toBe(1);
  expect(sick.stdout).toContain('the workflow of category "mail" runs and the category is not on record');
  const repaired = await installation.shell('bin/pam doctor --repair');
  expect(repaired.stdout).toContain('"mail" is on record again');
  expect(repaired.code).toBe(0);
  await goesOn(Date.now());
  const { code, stdout } = await installation.shell('bin/pam doctor');
  expect(stdout).toMatch(/nothing is wrong/);
  expect(code).toBe(0);
  nothingHappened();
});

test('a stop takes seconds and leaves nothing', async () => {
  await load.stop();
  const beganMs = Date.now();
  const ended = record().processes;
  await installation.shell('bin/pam down');
  // 10 s on a machine that does nothing else.
  expect(Date.now() - beganMs).toBeLessThan(25_000);
  expect(ended.some(isRunning)).toBe(false);
  expect(nodePids()).toBe('');
});
