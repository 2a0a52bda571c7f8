/**
 * A real workflow with encrypted payloads on a real server: what its history holds, who can read it, replay, keys that are
 * replaced, a key that is wrong, and the codec server for the UI.
 */
import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApplicationFailure } from '@temporalio/activity';
import type { temporal } from '@temporalio/proto';
import { Worker } from '@temporalio/worker';
import { connectTemporal, connectWorker, type TemporalClient } from '../../../adapters/temporal/connect';
import { createCodecServer } from '../../../adapters/temporal/encryption/codecServer';
import { codecOf, type Encryption } from '../../../adapters/temporal/encryption/dataConverter';
import { readAudit } from '../../../cli/audit/readAudit';
import { workerCoding } from '../../../workers/bundle';
import { queries, signals, updates } from '../../../workflows/contracts';
import { quiet, ScriptedWorld, until } from '../../workflows/stage';

const category = `sealed-${randomBytes(4).toString('hex')}`;
const workflowId = `category:${category}`;
const keyFile = join(tmpdir(), `pam-key-${category}`);
const [first, second] = ['PAM_TEST_KEY_ONE', 'PAM_TEST_KEY_TWO'];
const one: Encryption = { keys: [{ id: 'one', env: first }] };
const token = randomBytes(24).toString('hex');
const ui = 'http://127.0.0.1:8233';

type History = temporal.api.history.v1.IHistory;
let client: TemporalClient;
let history: History;
let server: Server;
let url: string;

const at = (encryption?: Encryption) => ({
  ...{ address: process.env.TEMPORAL_ADDRESS, namespace: 'default' },
  ...(encryption === undefined ? {} : { encryption }),
});

beforeAll(async () => {
  quiet();
  process.env[first] = randomBytes(32).toString('base64');
  process.env[second] = randomBytes(32).toString('hex');
  writeFileSync(keyFile, `${process.env[first]}\n`);
  client = await connectTemporal(at(one));
  const native = await connectWorker(at(one));
  const world = new ScriptedWorld();
  const worker = await Worker.create({
    ...{ connection: native, taskQueue: category, ...workerCoding(one) },
    activities: {
      ...world.activities(),
      recordEvents: async () => {
        throw ApplicationFailure.nonRetryable('planted-failure');
      },
    },
  });
  await worker.runUntil(async () => {
    const handle = await client.client.workflow.start('allocateCategory', {
      ...{
        workflowId,
        taskQueue: category,
        memo: { startedBy: 'planted-memo' },
        staticSummary: 'planted-summary',
      },
      args: [
        { name: category, match: { host: 'planted-host.example' }, bin: '1s', lead: '2s', horizons: ['2s'] },
      ],
    });
    const start = new Date(Date.now() + 3_600_000).toISOString();
    await handle.signal(signals.calendarEvent, { name: 'planted-event', start, duration: '1h' });
    await handle.executeUpdate(updates.setNodes, {
      args: [{ nodes: 2, for: '5m', reason: 'planted-other' }],
    });
    await until(() => world.names().includes('verify'), 'the first tick');
    expect((await handle.query(queries.status)).settings.match).toEqual({ host: 'planted-host.example' });
    await handle.signal(signals.stop, { reason: 'planted-reason' });
    await handle.result();
  });
  await native.close();
  const answer = await client.client.workflowService.getWorkflowExecutionHistory({
    ...{ namespace: 'default', execution: { workflowId }, maximumPageSize: 1_000 },
  });
  history = answer.history ?? {};
  server = createCodecServer({ codec: codecOf(one), token, origins: [ui], hosts: ['codec.example'] });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}, 90_000);

afterAll(async () => {
  server?.closeAllConnections();
  server?.close();
  rmSync(keyFile, { force: true });
  for (const variable of [first, second]) delete process.env[variable];
  await client?.close();
});

/** Every payload of the history, wherever it stands. */
function payloadsOf(value: unknown): temporal.api.common.v1.IPayload[] {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return [];
  if ('metadata' in value && 'data' in value) return [value as temporal.api.common.v1.IPayload];
  return Object.entries(value).flatMap(([name, inner]) =>
    name === 'searchAttributes' ? [] : payloadsOf(inner),
  );
}

test('the history holds no setting, name, reason or failure in plain text; every payload says which key it has', () => {
  const payloads = payloadsOf(history);
  expect(payloads.length).toBeGreaterThan(20);
  for (const { metadata } of payloads)
    expect(String(Buffer.from(metadata?.['encryption-key-id'] ?? []))).toBe('one');
  const raw = JSON.stringify(history, (_, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value,
  );
  expect(raw).not.toContain('planted');
});

async function audited(encryption: Encryption): Promise<string> {
  const other = await connectTemporal(at(encryption));
  try {
    const lines: string[] = [];
    for await (const { by, what } of readAudit(other.client, category, 0, () => undefined))
      lines.push(`${by} ${what}`);
    return lines.join('\n');
  } finally {
    await other.close();
  }
}

test('whoever has the key reads all of it, also when another key has become the first', async () => {
  const rotated: Encryption = {
    keys: [
      { id: 'two', env: second },
      { id: 'one', file: keyFile },
    ],
  };
  for (const encryption of [one, rotated]) {
    const text = await audited(encryption);
    for (const word of ['host', 'event', 'other', 'reason', 'failure'])
      expect(text).toContain(`planted-${word}`);
  }
});

test('another key, or the right name with another key, is DENIED and says so; no key is INVALID_CONFIG', async () => {
  await expect(audited({ keys: [{ id: 'two', env: second }] })).rejects.toMatchObject({
    code: 'DENIED',
    message: expect.stringMatching(/encrypted with the key "one", which is not among .*\(two\)/),
  });
  await expect(audited({ keys: [{ id: 'one', env: second }] })).rejects.toMatchObject({
    code: 'DENIED',
    message: expect.stringContaining('can\'t be decrypted with the key "one"'),
  });
  process.env.PAM_TEST_KEY_SHORT = 'c2hvcnQ=';
  for (const [variable, cause] of [
    ['PAM_TEST_KEY_NONE', /is not set/],
    ['PAM_TEST_KEY_SHORT', /expected 32 bytes/],
  ] as const) {
    const failing = audited({ keys: [{ id: 'x', env: variable }] });
    await expect(failing).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      message: expect.stringMatching(cause),
    });
    await expect(failing).rejects.not.toMatchObject({ message: expect.stringContaining('c2hvcnQ=') });
  }
  delete process.env.PAM_TEST_KEY_SHORT;
});

test('it replays, with the key only', async () => {
  const { dataConverter, ...source } = workerCoding(one);
  await Worker.runReplayHistory(
    { ...source, ...(dataConverter ? { dataConverter } : {}) },
    history,
    workflowId,
  );
}, 60_000);

type Coded = { payloads: { metadata: Record<string, string>; data: string }[] };

async function ask(
  path: string,
  payloads: unknown,
  headers: Record<string, string> = { authorization: `Bearer ${token}` },
): Promise<{ status: number; headers: Headers; body: Coded & { error: string } }> {
  const answer = await fetch(`${url}${path}`, {
    ...{ method: 'POST', headers: { 'content-type': 'application/json', ...headers } },
    body: typeof payloads === 'string' ? payloads : JSON.stringify({ payloads }),
  });
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as never };
}

/** As the UI sends them: bytes in base64. */
function asSent(payloads: readonly temporal.api.common.v1.IPayload[]): unknown {
  const text = (bytes: Uint8Array | null | undefined) => Buffer.from(bytes ?? []).toString('base64');
  return payloads.map(({ metadata, data }) => ({
    metadata: Object.fromEntries(Object.entries(metadata ?? {}).map(([name, value]) => [name, text(value)])),
    data: text(data),
  }));
}

test('the codec server gives the settings back to the UI and CLI, and takes what they write', async () => {
  const input = history.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
  const answer = await ask('/decode', asSent(input), { authorization: `Bearer ${token}`, origin: ui });
  expect(answer.status).toBe(200);
  expect(answer.headers.get('access-control-allow-origin')).toBe(ui);
  const plain = JSON.parse(Buffer.from(answer.body.payloads[0]?.data ?? '', 'base64').toString());
  expect(plain).toMatchObject({ name: category, match: { host: 'planted-host.example' } });
  const again = await ask(`/${token}/encode`, answer.body.payloads, { origin: ui });
  expect(Buffer.from(again.body.payloads[0]?.metadata.encoding ?? '', 'base64').toString()).toBe(
    'binary/encrypted',
  );
  expect((await ask('/decode', again.body.payloads)).body.payloads).toEqual(answer.body.payloads);
});

test('nobody else gets an answer', async () => {
  const wrong = { authorization: 'Bearer wrong' };
  const right = { authorization: `Bearer ${token}` };
  expect(await ask('/decode', [], wrong)).toMatchObject({ status: 401 });
  expect(await ask('/decode', [], {})).toMatchObject({ status: 401 });
  expect(await ask('/wrong/decode', [], {})).toMatchObject({ status: 401 });
  const foreign = await ask('/decode', [], { ...right, origin: 'https://evil.example' });
  expect(foreign.status).toBe(403);
  expect(foreign.headers.get('access-control-allow-origin')).toBeNull();
  expect((await ask('/decode', '{', right)).status).toBe(400);
  expect((await ask('/decode', [{ data: 7 }], right)).status).toBe(400);
  expect((await ask('/other', [], right)).status).toBe(404);
  const preflight = (origin: string) => fetch(`${url}/decode`, { method: 'OPTIONS', headers: { origin } });
  expect((await preflight(ui)).headers.get('access-control-allow-headers')).toContain('authorization');
  expect((await preflight('https://evil.example')).status).toBe(403);
  // A page that rebinds its own name to this address.
  const rebound = await hostOf('evil.example');
  expect(rebound).toBe(421);
  expect(await hostOf('codec.example')).toBe(200);
  expect(() => createCodecServer({ codec: codecOf(one), token: 'short', origins: [], hosts: [] })).toThrow(
    /at least 16/,
  );
});

/** Status of GET /healthz with this Host; fetch would not send another. */
async function hostOf(host: string): Promise<number> {
  const { request } = await import('node:http');
  return new Promise((resolve, reject) => {
    const asked = request(`${url}/healthz`, { headers: { host } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    asked.on('error', reject).end();
  });
}
