/** What a web page, or a name that an attacker has made to mean this machine, can do with a real dev server: nothing. */
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { type IncomingHttpHeaders, request, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectTemporal } from '../../../adapters/temporal/connect';
import { findPort, findPortClosedToBrowsers } from '../../../installation/servers/ports';
import { type ProcessRecord, stopProcess } from '../../../installation/servers/process';
import { startTemporalServer } from '../../../installation/servers/temporalServer';
import { createGate } from '../../../installation/temporalUi/gate';
import { requiredTool } from '../../support/nodeStage';

jest.setTimeout(60_000);

const folder = mkdtempSync(join(tmpdir(), 'pam-temporal-ui-'));
let record: ProcessRecord;
let gate: Server;
let port: number;
let uiPort: number;
let metricsPort: number;
let gatePort: number;

interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Headers as a page's browser would send them; Node's own `fetch` sets Host itself. */
function ask(at: number, method: string, path: string, headers: object, body = ''): Promise<Reply> {
  return new Promise((resolve) => {
    const length = body === '' ? {} : { 'content-length': Buffer.byteLength(body) };
    const asked = request(
      { host: '127.0.0.1', port: at, method, path, headers: { ...headers, ...length } },
      (got) => {
        let text = '';
        got.on('data', (part) => {
          text += part;
        });
        got.on('close', () => resolve({ status: got.statusCode ?? 0, headers: got.headers, text }));
      },
    );
    asked.on('error', (error) => resolve({ status: 0, headers: {}, text: error.message }));
    asked.end(body);
  });
}

/** Every TCP port on which a process listens. */
function portsOf(pid: number): number[] {
  const sockets = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((name) => {
      try {
        return [readlinkSync(`/proc/${pid}/fd/${name}`)];
      } catch {
        return [];
      }
    }),
  );
  return ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/net/${table}`, 'latin1')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[3] === '0A' && sockets.has(`socket:[${fields[9]}]`))
      .map((fields) => Number.parseInt(fields[1]?.split(':').at(-1) ?? '', 16)),
  );
}

async function workflows(): Promise<string[]> {
  const { client, close } = await connectTemporal({ address: `127.0.0.1:${port}`, namespace: 'default' });
  const { executions } = await client.workflowService.listWorkflowExecutions({ namespace: 'default' });
  await close();
  return executions.map(({ execution }) => execution?.workflowId ?? '');
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const evil = { name: 'evil', match: { pathPrefix: '/' }, local: { command: ['touch', 'evil'] } };
const order = JSON.stringify({
  workflowType: { name: 'allocateCategory' },
  taskQueue: { name: 'pam' },
  input: {
    payloads: [{ metadata: { encoding: base64('json/plain') }, data: base64(JSON.stringify(evil)) }],
  },
});
const start = '/api/v1/namespaces/default/workflows/category:evil';
const list = '/api/v1/namespaces/default/workflows';

beforeAll(async () => {
  [port, uiPort] = [await findPort(), (await findPortClosedToBrowsers()) ?? 0];
  metricsPort = (await findPortClosedToBrowsers(0, [uiPort])) ?? 0;
  record = await startTemporalServer({
    binary: requiredTool('PAM_TEMPORAL'),
    ...{ port, uiPort, metricsPort, namespace: 'default', file: null, detached: false },
    log: join(folder, 'temporal.log'),
  });
  gate = createGate(uiPort);
  await new Promise<void>((listening) => gate.listen(0, '127.0.0.1', listening));
  gatePort = (gate.address() as AddressInfo).port;
});
afterAll(async () => {
  gate?.close();
  gate?.closeAllConnections();
  if (record !== undefined) await stopProcess(record, 'SIGTERM', 5_000);
  rmSync(folder, { recursive: true, force: true });
});

/** Who asks, as the headers of its browser say: by no preflight, from a page elsewhere, through a name that was rebound. */
const foreign = (at: number): readonly [string, object][] => [
  [
    'a form of a page elsewhere',
    { host: `127.0.0.1:${at}`, origin: 'http://evil.example', 'sec-fetch-site': 'cross-site' },
  ],
  ['the same in an old browser', { host: `localhost:${at}`, origin: 'http://evil.example' }],
  ['a page in a sandbox', { host: `127.0.0.1:${at}`, origin: 'null' }],
  [
    'a page of another port of this machine',
    { host: `localhost:${at}`, origin: 'http://localhost:3000', 'sec-fetch-site': 'same-site' },
  ],
  [
    'a name that was rebound',
    { host: `evil.example:${at}`, origin: `http://evil.example:${at}`, 'sec-fetch-site': 'same-origin' },
  ],
  ['the same without an Origin', { host: 'evil.example', 'sec-fetch-site': 'same-origin' }],
  ['a name that begins like ours', { host: `localhost.evil.example:${at}` }],
  ['a name that ends like ours', { host: `evil.localhost:${at}` }],
  ['a user before our name', { host: `evil.example@localhost:${at}` }],
];

test('a browser does not connect where the server has its UI and its metrics', async () => {
  // Node's fetch has the list of the standard, as browsers have.
  for (const at of [uiPort, metricsPort])
    await expect(fetch(`http://127.0.0.1:${at}/`)).rejects.toMatchObject({ cause: { message: 'bad port' } });
});

test('no page from elsewhere starts anything, at whatever port of the server it knocks', async () => {
  const ports = portsOf(record.pid);
  // The frontend, its HTTP API, the UI, metrics, and the inner services at least.
  expect(ports).toEqual(expect.arrayContaining([port, uiPort, metricsPort]));
  expect(ports.length).toBeGreaterThanOrEqual(6);
  for (const at of ports.filter((one) => one !== uiPort))
    for (const [, headers] of foreign(at))
      for (const type of ['text/plain', 'application/json']) {
        const reply = await ask(at, 'POST', start, { ...headers, 'content-type': type }, order);
        expect(reply.status === 0 || reply.status >= 400).toBe(true);
      }
  // The HTTP API answers to no Host at all, its own included.
  const replies = await Promise.all(
    ports.filter((one) => one !== uiPort).map((at) => ask(at, 'GET', list, { host: `127.0.0.1:${at}` })),
  );
  expect(replies.filter(({ status, text }) => status === 403 && /Host not allowed/.test(text))).toHaveLength(
    1,
  );
  expect(replies.filter(({ status }) => status === 200)).toEqual([]);
  expect(await workflows()).toEqual([]);
});

test('nor through the gate of the UI', async () => {
  for (const [who, headers] of foreign(gatePort)) {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/json']) {
      const reply = await ask(gatePort, 'POST', start, { ...headers, 'content-type': type }, order);
      expect([who, reply.status]).toEqual([who, 403]);
    }
    expect([who, (await ask(gatePort, 'GET', list, headers)).status]).toEqual([who, 403]);
  }
  expect(
    (await ask(gatePort, 'GET', `http://127.0.0.1:${uiPort}${list}`, { host: 'localhost' })).status,
  ).toBe(403);
  expect(await workflows()).toEqual([]);
});

test('nor by two hosts, none, or a request inside of another one', async () => {
  const knock = (text: string): Promise<string> =>
    new Promise((resolve) => {
      const socket = connect(gatePort, '127.0.0.1', () => socket.end(text));
      let said = '';
      socket.on('data', (part) => {
        said += part;
      });
      socket.on('close', () => resolve(said));
    });
  const two = `GET ${list} HTTP/1.1\r\nHost: localhost:${gatePort}\r\nHost: evil.example\r\nConnection: close\r\n\r\n`;
  expect(await knock(two)).toMatch(/^HTTP\/1.1 4/);
  expect(await knock(`GET ${list} HTTP/1.0\r\n\r\n`)).toMatch(/^HTTP\/1.1 4/);
  const both = `POST ${list} HTTP/1.1\r\nHost: localhost:${gatePort}\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`;
  expect(await knock(both)).toMatch(/^HTTP\/1.1 4/);
  expect(await workflows()).toEqual([]);
});

test('a person in front of the machine has the page, and the page lists and starts workflows', async () => {
  const own = { host: `127.0.0.1:${gatePort}`, 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' };
  const page = await ask(gatePort, 'GET', '/', own);
  expect(page.status).toBe(200);
  expect(page.headers).toMatchObject({ 'x-frame-options': 'DENY', 'content-type': 'text/html' });
  const script = /(?:src|href)="(\/_app\/[^"]+\.js)"/.exec(page.text)?.[1] ?? '';
  expect((await ask(gatePort, 'GET', script, own)).status).toBe(200);
  // A link in a chat or a dashboard opens it; what it shows stays in its own tab.
  const linked = { ...own, 'sec-fetch-site': 'cross-site' };
  expect((await ask(gatePort, 'GET', '/namespaces/default/workflows', linked)).status).toBe(200);
  for (const host of [
    `localhost:${gatePort}`,
    `127.0.0.1:${gatePort}`,
    `[::1]:${gatePort}`,
    'localhost:9000',
  ]) {
    const inPage = {
      host,
      origin: `http://${host}`,
      'sec-fetch-site': 'same-origin',
      'sec-fetch-mode': 'cors',
    };
    const listed = await ask(gatePort, 'GET', list, inPage);
    expect(listed.status).toBe(200);
    expect(JSON.parse(listed.text)).toMatchObject({});
    expect(listed.headers).not.toHaveProperty('access-control-allow-origin');
  }
  const inPage = {
    host: `localhost:${gatePort}`,
    origin: `http://localhost:${gatePort}`,
    'sec-fetch-site': 'same-origin',
  };
  const json = { ...inPage, 'content-type': 'application/json' };
  expect((await ask(gatePort, 'POST', start, json, order)).status).toBe(200);
  expect(await workflows()).toEqual(['category:evil']);
});

test('a browser cannot speak to the gRPC port, and the gate answers when the UI is gone', async () => {
  // Browsers speak HTTP/2 only inside of TLS, which this port does not have; what they can send is HTTP/1.1.
  const path = '/temporal.api.workflowservice.v1.WorkflowService/StartWorkflowExecution';
  for (const type of ['application/grpc', 'application/grpc-web', 'text/plain'])
    expect(
      (await ask(port, 'POST', path, { host: 'evil.example', 'content-type': type }, order)).status,
    ).toBe(0);
  await stopProcess(record, 'SIGKILL', 5_000);
  const reply = await ask(gatePort, 'GET', '/', { host: 'localhost' });
  expect(reply).toMatchObject({ status: 502, text: expect.stringContaining('pam status') });
});
