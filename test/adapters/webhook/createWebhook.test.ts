/** Pushes over real HTTP: who is let in, what is refused with which words, what reaches the receiver. */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { createWebhook } from '../../../adapters/webhook';
import type { PushLog } from '../../../adapters/webhook/createWebhook';
import { PamError } from '../../../core/errors';
import type { Push } from '../../../core/events/push';

const token = 'a-token-of-some-length';
const now = Date.parse('2026-11-27T08:00:00Z');
const received: Push[] = [];
let failure: Error | null = null;
let server: Server;
let url: string;

beforeAll(async () => {
  server = createWebhook({
    token,
    now: () => now,
    maxBytes: 2_000,
    receive: async (push) => {
      if (failure) throw failure;
      received.push(push);
      return { summary: 'done' };
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server?.closeAllConnections();
  server?.close();
});
beforeEach(() => {
  received.length = 0;
  failure = null;
});

async function push(body: unknown, options: { authorization?: string; path?: string; method?: string } = {}) {
  const { authorization = `Bearer ${token}`, path = '/events', method = 'POST' } = options;
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { authorization },
    ...(method === 'POST' ? { body: typeof body === 'string' ? body : JSON.stringify(body) } : {}),
  });
  return { status: response.status, ...((await response.json()) as { error?: string; summary?: string }) };
}
const sale = { category: 'checkout', name: 'sale', start: '2026-11-27T09:00:00Z', duration: '2h', uplift: 3 };

test('an announcement, a withdrawal and a news item arrive as what they mean', async () => {
  expect(await push(sale)).toEqual({ status: 200, summary: 'done' });
  await push({ categories: ['a', 'b', 'a'], withdraw: 'sale@2026-11-27T09:00:00.000Z' });
  await push({
    feed: 'press',
    news: { title: 'Hype', url: 'https://news.example/1', published: '2026-11-27T07:00:00+01:00' },
  });
  expect(received).toEqual([
    {
      kind: 'message',
      categories: ['checkout'],
      message: {
        kind: 'announced',
        event: expect.objectContaining({
          id: 'sale@2026-11-27T09:00:00.000Z',
          expectedUplift: 3,
          source: 'webhook',
        }),
      },
    },
    {
      kind: 'message',
      categories: ['a', 'b'],
      message: { kind: 'withdrawn', id: 'sale@2026-11-27T09:00:00.000Z', source: 'webhook' },
    },
    {
      kind: 'news',
      feed: 'press',
      item: {
        id: 'https://news.example/1',
        title: 'Hype',
        text: '',
        publishedMs: Date.parse('2026-11-27T06:00:00Z'),
        sources: ['https://news.example/1'],
      },
    },
  ]);
});

test.each([
  ['no token', ''],
  ['another token', 'Bearer another-token-of-that'],
  ['the token without its scheme', token],
  ['a part of the token', `Bearer ${token.slice(0, -1)}`],
])('%s is refused before the body counts', async (_, authorization) => {
  expect(await push('not even JSON', { authorization })).toMatchObject({
    status: 401,
    error: expect.stringContaining('Bearer'),
  });
  expect(received).toEqual([]);
});

test.each([
  ['no JSON', '{"category":', 400, /expected JSON/],
  ['a list', [], 422, /expected a JSON object/],
  ['null', null, 422, /expected a JSON object/],
  ['nobody to tell', { ...sale, category: undefined }, 422, /category: expected "category" or "categories"/],
  ['a category that can not be', { ...sale, category: 'Check Out' }, 422, /category: expected 1 to 40/],
  [
    'a time without a zone',
    { ...sale, start: '2026-11-27T09:00:00' },
    422,
    /start: expected an ISO 8601 time with its zone/,
  ],
  ['a typing error', { ...sale, uplfit: 3 }, 422, /uplfit/],
  [
    'news that can not be told from other news',
    { news: { title: 'x' } },
    422,
    /news\.id: expected "id", "url" or "published"/,
  ],
  ['too much', { ...sale, name: 'x'.repeat(3_000) }, 413, /at most 2000 bytes/],
])('%s is refused with the reason', async (_, body, status, error) => {
  expect(await push(body)).toMatchObject({ status, error: expect.stringMatching(error) });
  expect(received).toEqual([]);
});

test('other paths and methods; health without a token', async () => {
  expect((await push(null, { path: '/' })).status).toBe(404);
  expect((await push(null, { method: 'GET' })).status).toBe(405);
  expect((await push(null, { path: '/healthz', method: 'GET', authorization: '' })).status).toBe(200);
});

test('failures of the receiver are told apart, faults without their details', async () => {
  failure = new PamError('UNAVAILABLE', 'the database does not answer');
  expect(await push(sale)).toEqual({ status: 503, error: 'the database does not answer' });
  failure = new PamError('NOT_FOUND', 'category "checkout" is not known');
  expect((await push(sale)).status).toBe(404);
  failure = new Error('secret detail');
  expect(await push(sale)).toEqual({ status: 500, error: 'a fault in PAM; its log says more' });
});

test('a caller that breaks off in the middle does no harm', async () => {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.write(
    `POST /events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Length: 500\r\n\r\n{"cat`,
  );
  await new Promise((resolve) => setTimeout(resolve, 50));
  socket.destroy();
  expect((await push(sale)).status).toBe(200);
  expect(received).toHaveLength(1);
});

test('a token that could be guessed is refused', () => {
  expect(() => createWebhook({ token: 'short', now: Date.now, receive: async () => ({}) })).toThrow(
    /at least 16/,
  );
});

describe('callers with rights of their own', () => {
  const crm = {
    source: 'crm',
    token: 'the-token-of-the-crm',
    categories: ['checkout', 'shop-*'],
    feeds: [],
    perMinute: 60,
  };
  const press = {
    source: 'press',
    token: 'the-token-of-the-press',
    categories: [],
    feeds: ['press'],
    perMinute: 3,
  };
  const logged: PushLog[] = [];
  let nowMs = now;
  let shared: Server;
  let at: string;
  beforeAll(async () => {
    shared = createWebhook({
      callers: [crm, press],
      headersMs: 500,
      now: () => nowMs,
      maxBytes: 2_000,
      log: (entry) => logged.push(entry),
      receive: async (push, { source }) => {
        if (failure) throw failure;
        received.push(push);
        return { summary: `done for ${source}` };
      },
    });
    await new Promise<void>((resolve) => shared.listen(0, '127.0.0.1', resolve));
    at = `http://127.0.0.1:${(shared.address() as AddressInfo).port}/events`;
  });
  afterAll(() => {
    shared?.closeAllConnections();
    shared?.close();
  });
  beforeEach(() => {
    logged.length = 0;
    nowMs += 60_000;
  });
  const by = async (caller: { token: string }, body: unknown) => {
    const response = await fetch(at, {
      method: 'POST',
      headers: { authorization: `Bearer ${caller.token}` },
      body: JSON.stringify(body),
    });
    const { error = '' } = (await response.json()) as { error?: string };
    return { status: response.status, error, retryAfter: response.headers.get('retry-after') };
  };

  test('a caller writes as its source, and for its categories only', async () => {
    expect((await by(crm, sale)).status).toBe(200);
    expect((await by(crm, { ...sale, categories: ['shop-a', 'shop-b'], category: undefined })).status).toBe(
      200,
    );
    expect(received.map((push) => push.kind === 'message' && push.message)).toEqual([
      expect.objectContaining({ event: expect.objectContaining({ source: 'crm' }) }),
      expect.objectContaining({ event: expect.objectContaining({ source: 'crm' }) }),
    ]);
    expect(await by(crm, { ...sale, source: 'crm' })).toMatchObject({ status: 200 });
    expect(await by(crm, { ...sale, source: 'press' })).toMatchObject({
      status: 403,
      error: 'source: this token writes as "crm", not as "press"',
    });
    expect(await by(crm, { ...sale, category: undefined, categories: ['checkout', 'search'] })).toMatchObject(
      {
        status: 403,
        error: expect.stringContaining('may not touch search'),
      },
    );
    expect(received).toHaveLength(3);
  });

  test('a caller withdraws no event of a person, of a feed or of another caller', async () => {
    for (const source of ['signal', 'feed:matches', 'press', 'webhook'])
      expect(await by(crm, { category: 'checkout', withdraw: 'sale@1', source })).toMatchObject({
        status: 403,
      });
    expect(await by(press, { category: 'checkout', withdraw: 'sale@1' })).toMatchObject({ status: 403 });
    expect(received).toEqual([]);
    await by(crm, { category: 'checkout', withdraw: 'sale@1' });
    expect(received).toEqual([
      {
        kind: 'message',
        categories: ['checkout'],
        message: { kind: 'withdrawn', id: 'sale@1', source: 'crm' },
      },
    ]);
  });

  test('every push is logged with who, what, categories and outcome, and without its token', async () => {
    await by(crm, sale);
    await by(crm, { ...sale, source: 'signal' });
    await by({ token: 'some-token-that-nobody-has' }, sale);
    failure = new Error('secret detail');
    await by(crm, sale);
    const what = 'announced sale@2026-11-27T09:00:00.000Z';
    const entry = { source: 'crm', from: '127.0.0.1', what, categories: ['checkout'] };
    expect(logged).toEqual([
      { ...entry, status: 200, outcome: 'done for crm' },
      { ...entry, status: 403, outcome: expect.stringContaining('this token writes as "crm"') },
      { ...entry, source: null, what: null, categories: [], status: 401, outcome: expect.any(String) },
      { ...entry, status: 500, outcome: 'secret detail' },
    ]);
    expect(JSON.stringify(logged)).not.toMatch(/the-token|some-token/);
  });

  test('who pushes too often waits, and others do not', async () => {
    const news = { feed: 'press', news: { title: 'x', id: '1' } };
    for (let pushes = 0; pushes < 3; pushes++) expect((await by(press, news)).status).toBe(200);
    expect(await by(press, news)).toMatchObject({ status: 429, retryAfter: '20' });
    expect((await by(crm, sale)).status).toBe(200);
    nowMs += 20_000;
    expect((await by(press, news)).status).toBe(200);
    expect((await by(press, news)).status).toBe(429);
  });

  test('guessing tokens is slowed down, and does not keep out who has one', async () => {
    const statuses = [];
    for (let guess = 0; guess < 40; guess++)
      statuses.push((await by({ token: `guess-number-${guess}-of-many` }, sale)).status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(30);
    expect(statuses.slice(30)).toEqual(Array.from({ length: 10 }, () => 429));
    expect(logged).toHaveLength(30);
    expect((await by(crm, sale)).status).toBe(200);
  });

  test('a request that does not come to its end is closed, and one with large headers refused', async () => {
    const { port } = shared.address() as AddressInfo;
    const answer = (text: string) =>
      new Promise<string>((resolve) => {
        let got = '';
        const socket = connect(port, '127.0.0.1', () => socket.write(text));
        socket.on('data', (chunk) => {
          got += chunk;
        });
        socket.on('close', () => resolve(got)).on('error', () => undefined);
      });
    const began = Date.now();
    const [slow, large] = await Promise.all([
      answer('POST /events HTTP/1.1\r\nHost: x\r\n'),
      answer(`POST /events HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(10_000)}\r\n\r\n`),
    ]);
    expect(slow).toMatch(/^HTTP\/1.1 408/);
    expect(large).toMatch(/^HTTP\/1.1 431/);
    expect(Date.now() - began).toBeLessThan(4_500);
  });

  test('two callers with one token are refused', () => {
    expect(() =>
      createWebhook({
        callers: [crm, { ...press, token: crm.token }],
        now: Date.now,
        receive: async () => ({}),
      }),
    ).toThrow(/same token/);
  });
});
