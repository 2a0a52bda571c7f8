/**
 * A real installation under a policy. Whoever only reaches Temporal gets no command, file or crowd of nodes out of it. A
 * secret that nodes get by reference is in their environment, and nowhere else of what a whole life of a category writes.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { processesWithEnvironment } from '../../adapters/nodes/local/processIdentity';
import { connectTemporal } from '../../adapters/temporal/connect';
import { readInstallation } from '../../installation/installation';
import {
  type CategoryStatus,
  categoryWorkflowId,
  queries,
  signals,
  updates,
} from '../../workflows/contracts';
import { type OwnInstallation, ownInstallation } from '../support/pamProcess';
import { argumentsWith, filesWith, has } from '../support/searchWritten';

jest.setTimeout(240_000);

const secrets = {
  file: 'planted-in-a-file-7c1f0a9e52',
  rotated: 'planted-by-rotation-b83e6d2417',
  variable: 'planted-in-a-variable-40d9ce71aa',
};
/** Written on purpose: what does not find this finds nothing. */
const canary = 'canary-91ab44e0d7';
const node = 'require("http").createServer((q, s) => s.end("ok")).listen(process.env.PORT, process.env.HOST)';

const folder = mkdtempSync(join(tmpdir(), 'pam-policy-'));
const secretFile = join(folder, 'secrets', 'db');
let installation: OwnInstallation;
let temporal: Awaited<ReturnType<typeof connectTemporal>>;

beforeAll(async () => {
  mkdirSync(join(folder, 'secrets'));
  writeFileSync(secretFile, `${secrets.file}\n`);
  const config = join(folder, 'pam.yaml');
  writeFileSync(
    config,
    JSON.stringify({
      policy: {
        templates: {
          web: {
            command: [process.execPath, '-e', node],
            envFrom: { API_TOKEN: { variable: 'SHOP_TOKEN' } },
          },
        },
        environment: ['DB_PASSWORD'],
        secrets: { folders: [join(folder, 'secrets')] },
        nodes: { perCategory: 2 },
      },
    }),
  );
  installation = ownInstallation({ PAM_CONFIG: config, SHOP_TOKEN: secrets.variable });
  await installation.up();
  temporal = await connectTemporal(readInstallation(installation.stateDir)!.temporal);
});
afterAll(async () => {
  await temporal?.close();
  await installation?.remove();
  rmSync(folder, { recursive: true, force: true });
});

const start = (type: string, workflowId: string, input: unknown) =>
  temporal.client.workflow.start(type, { taskQueue: 'pam', workflowId, args: [input] });

/** Why a workflow that anybody may start failed, with the inner causes. */
async function failure(type: string, workflowId: string, input: unknown): Promise<string> {
  const handle = await start(type, workflowId, input);
  const said: string[] = [];
  for (
    let error: unknown = await handle.result().catch((thrown: unknown) => thrown);
    error instanceof Error;
    error = error.cause
  )
    said.push(error.message);
  return said.join(' | ');
}

const category = (more: object) => ({
  match: { pathPrefix: '/shop' },
  ...{ bin: '1s', lead: '2s', horizons: ['2s'], scaleDownHold: '1s' },
  ...more,
});

test('who reaches Temporal gets no command and no file out of a worker', async () => {
  const mark = join(folder, 'was-here');
  const told = await Promise.all([
    failure(
      'allocateCategory',
      'category:evil',
      category({ name: 'evil', local: { command: ['/bin/sh', '-c', `touch ${mark}`] } }),
    ),
    failure(
      'allocateCategory',
      'category:loader',
      category({ name: 'loader', local: { env: { LD_PRELOAD: '/tmp/x.so' } } }),
    ),
    failure(
      'allocateCategory',
      'category:plain',
      category({ name: 'plain', local: { env: { DB_PASSWORD: 'in the open' } } }),
    ),
    failure(
      'allocateCategory',
      'category:reader',
      category({ name: 'reader', local: { envFrom: { DB_PASSWORD: { file: '/etc/shadow' } } } }),
    ),
    failure('syncEvents', 'sync:passwd', {
      name: 'passwd',
      type: 'campaign',
      file: '/etc/passwd',
      categories: ['evil'],
    }),
    failure('syncEvents', 'sync:inside', {
      name: 'inside',
      type: 'campaign',
      url: readInstallation(installation.stateDir)!.envoy.adminUrl,
      allowPrivate: true,
      categories: ['evil'],
    }),
  ]);
  expect(told).toEqual(
    [
      'policy.commands',
      'policy.environment',
      'envFrom',
      'policy.secrets.folders',
      'policy.feeds.folders',
      'policy.feeds.networks',
    ].map((setting) => expect.stringContaining(setting)),
  );
  expect(existsSync(mark)).toBe(false);
});

test('a secret by reference reaches the nodes, and nothing that is written', async () => {
  const handle = await start(
    'allocateCategory',
    categoryWorkflowId('shop'),
    category({
      name: 'shop',
      nodes: { min: 1, max: 40, initial: 1 },
      node: { drain: '1s' },
      local: { template: 'web', bootTime: '100ms', envFrom: { DB_PASSWORD: { file: secretFile } } },
    }),
  );
  const until = async (what: string, holds: (status: CategoryStatus) => boolean): Promise<CategoryStatus> => {
    let last: CategoryStatus | null = null;
    for (let tries = 0; tries < 150; tries++, await sleep(200)) {
      last = await handle.query(queries.status).catch(() => null);
      if (last !== null && holds(last)) return last;
    }
    throw new Error(`${what}: not within 30 s; ${JSON.stringify(last)}`);
  };
  const environments = () =>
    processesWithEnvironment({ PAM_STATE: installation.stateDir, PAM_CATEGORY: 'shop' }, 'PAM_NODE_ID').map(
      ({ pid }) => readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0'),
    );
  await until('the first node takes traffic', ({ counts }) => counts.routable === 1);
  expect(environments()).toEqual([
    expect.arrayContaining([`DB_PASSWORD=${secrets.file}`, `API_TOKEN=${secrets.variable}`]),
  ]);

  // A rotated secret is what new nodes get. More nodes than the policy allows are not made.
  writeFileSync(secretFile, secrets.rotated);
  await handle.executeUpdate(updates.setNodes, { args: [{ nodes: 30, for: '10m', reason: canary }] });
  const capped = await until('the second node takes traffic', ({ counts }) => counts.routable === 2);
  expect(capped.decision).toMatchObject({ planned: 2, rule: 'bounded-by-policy' });
  expect(capped.decision?.reason).toContain('policy.nodes.perCategory');
  expect(
    environments()
      .flat()
      .filter((entry) => entry.startsWith('DB_PASSWORD='))
      .sort(),
  ).toEqual([`DB_PASSWORD=${secrets.rotated}`, `DB_PASSWORD=${secrets.file}`]);
  expect(Object.values(secrets).flatMap(argumentsWith)).toEqual([]);

  await handle.executeUpdate(updates.configure, { args: [{ risk: 0.02 }] });
  // One shell, so that the installation's addresses are looked up once.
  const lines = ['list', 'status shop', 'explain shop', 'audit shop', 'config'];
  const { stdout, stderr } = await installation.shell(
    lines.map((line) => `echo '#### ${line}'; bin/pam ${line} 2>&1`).join('; '),
  );
  const outputs = `${stdout}${stderr}`.split('#### ').slice(1);
  expect(outputs.map((text) => text.slice(0, text.indexOf('\n')))).toEqual(lines);
  expect(outputs[0]).toContain('by the policy of the workers');
  expect(outputs[2]).toContain('policy.nodes.perCategory');
  expect(outputs[4]).toMatch(/perCategory: 2\b/);
  await handle.signal(signals.stop, { reason: 'the end' });
  await handle.result();
  expect(environments()).toEqual([]);

  const history = JSON.stringify((await handle.fetchHistory()).events);
  const rows = await everyRow(readInstallation(installation.stateDir)!.database.url);
  const found = (secret: string) => ({
    files: filesWith(installation.stateDir, secret),
    history: has(history, secret),
    rows: has(rows, secret),
    outputs: outputs.filter((text) => has(text, secret)),
  });
  for (const secret of Object.values(secrets))
    expect(found(secret)).toEqual({ files: [], history: false, rows: false, outputs: [] });
  const control = found(canary);
  expect(control).toMatchObject({ history: true, rows: true });
  expect(control.files.some((file) => file.includes('temporal'))).toBe(true);
  expect(control.outputs.length).toBeGreaterThan(0);
});

/** Each row of each table of PAM's, as text: in the data folder long ones are packed. */
async function everyRow(url: string): Promise<string> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const tables = await client.query<{ name: string }>(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
    );
    const texts: string[] = [];
    for (const { name } of tables.rows) {
      const { rows } = await client.query<{ text: string }>(`SELECT t::text AS text FROM ${name} AS t`);
      texts.push(...rows.map(({ text }) => text));
    }
    return texts.join('\n');
  } finally {
    await client.end();
  }
}
