/** Pushes over real HTTP: who is let in, what is refused with which words, what reaches the receiver. */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { createWebhook } from '../../../adapters/webhook';
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
