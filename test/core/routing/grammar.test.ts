/** What the grammars accept and refuse: each refused thing broke the proxy's configuration, or never matched. */
import fc from 'fast-check';
import { categoryInput } from '../../../core/category/settings';
import { readCalendarMessage } from '../../../core/events/announcement';
import { healthPath, hostAndPort, matchablePath, serverAddress } from '../../../core/routing/grammar';
import { routingMatch } from '../../../core/routing/rule';
import { duration } from '../../../core/time/duration';

const accepts = (schema: { safeParse(value: unknown): { success: boolean } }) => (value: unknown) =>
  schema.safeParse(value).success;

test.each(['/', '/healthz', '/live/ready?full=1', '/a%20b', `/${'x'.repeat(199)}`])(
  'health path %j is one',
  (path) => expect(accepts(healthPath)(path)).toBe(true),
);
test.each([
  '',
  'healthz',
  '/a\nb',
  '/a\r\nX-Evil: 1',
  '/a b',
  '/a\0',
  '/ä',
  '/a#b',
  '/"',
  '/{',
  `/${'x'.repeat(200)}`,
])('health path %j is refused', (path) => expect(accepts(healthPath)(path)).toBe(false));

test.each(['/', '/shop', '/shop/', '/shop/v1.2/~a', '/a%20b', '/.well-known', '/...'])(
  'path %j is one',
  (path) => expect(accepts(matchablePath)(path)).toBe(true),
);
test.each([
  ...['', 'shop', '//', '/a//b', '/./a', '/a/..', '/a/../b', '/a?b', '/a#b', '/a b', '/a\nb', '/ä', '/a\\b'],
  ...['/%2e%2e/a', '/a%2Fb', '/a%5cb', '/a%00', '/%', '/%4', '/%zz', '/%41', `/${'x'.repeat(256)}`, '/a\n'],
])('path %j is refused', (path) => expect(accepts(matchablePath)(path)).toBe(false));

test.each(['shop.example.com', 'SHOP', 'a-b.c', '10.0.0.1', 'shop.example.com:8080', 'x:1', 'x:65535'])(
  'host %j is one',
  (host) => expect(accepts(hostAndPort)(host)).toBe(true),
);
test.each([
  ...[
    '',
    '.',
    'a..b',
    '-a',
    'a-',
    '.a',
    'a.',
    'a_b',
    'a b',
    'a/b',
    'a\n',
    '*',
    '*.a',
    'a:0',
    'a:65536',
    'a:',
    'a:1:2',
  ],
  ...['a:99999999999', `${'x'.repeat(64)}`, `${'x.'.repeat(130)}x`, '[::1]', 'ä.de'],
])('host %j is refused', (host) => expect(accepts(hostAndPort)(host)).toBe(false));

test.each([
  ['10.0.0.1:80', true],
  ['a:1', true],
  ['a', false],
  ['a:0', false],
  ['a:70000', false],
  ['a b:1', false],
  ['a\n:1', false],
])('server address %j: %p', (text, expected) => expect(accepts(serverAddress)(text)).toBe(expected));

test.each([
  [{ header: { name: 'x-tenant', value: 'acme corp' } }, true],
  [{ header: { name: 'x-tenant', value: ' acme' } }, false],
  [{ header: { name: 'x-tenant', value: 'acme ' } }, false],
  [{ header: { name: 'x-tenant', value: '' } }, false],
  [{ header: { name: 'x-tenant', value: 'a\r\nb' } }, false],
  [{ header: { name: 'x-tenant', value: 'x'.repeat(257) } }, false],
  [{ header: { name: ':path', value: '/' } }, false],
  [{ header: { name: 'x tenant', value: 'a' } }, false],
  [{ header: { name: 'x\ntenant', value: 'a' } }, false],
])('%j: %p', (match, expected) => expect(accepts(routingMatch)(match)).toBe(expected));

test('no text is a duration that breaks its reader, however long', () => {
  for (const text of [
    `${'9'.repeat(200)}s`,
    `${'9'.repeat(30)}w`,
    `0.${'0'.repeat(300)}1s`,
    '9999999d',
    '0.1ms',
  ])
    expect(accepts(duration)(text)).toBe(false);
  fc.assert(
    fc.property(fc.stringMatching(/^\d{1,45}(\.\d{1,45})?(ms|s|m|h|d|w)$/), (text) => {
      const parsed = duration.safeParse(text);
      if (parsed.success) {
        expect(Number.isSafeInteger(parsed.data)).toBe(true);
        expect(parsed.data).toBeGreaterThan(0);
      }
    }),
  );
});

const minimal = { name: 'shop', match: { pathPrefix: '/shop' } };
test.each([
  ['risk', { risk: 1e-300 }],
  ['lead', { lead: '52w' }],
  ['lead', { bin: '250ms', lead: '7d' }],
  ['bin', { bin: '1ms' }],
  ['bin', { bin: '2d', lead: '3d' }],
  ['day', { day: '52w' }],
  ['horizons', { horizons: ['52w'] }],
  ['horizons', { bin: '1s', lead: '5s', horizons: ['14d'] }],
  ['weight', { weight: 1e-300 }],
  ['requestsPerNodeSecond', { requestsPerNodeSecond: 1e-300 }],
  ['utilization', { utilization: 1e-300 }],
  ['objective.share', { objective: { share: 1e-300 } }],
  ['node.serviceTime', { node: { serviceTime: '52w' } }],
  ['node.drain', { node: { drain: '52w' } }],
  ['node.maxAge', { node: { maxAge: '1ms' } }],
  ['scaleDownHold', { scaleDownHold: '52w' }],
  ['seed', { seed: 1e15 }],
  [
    'maintenance',
    { maintenance: [{ from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z', reason: 'a\u001b[31m' }] },
  ],
  ['maintenance', { maintenance: [{ from: '9998-01-01T00:00:00Z', to: '9999-01-02T00:00:00Z' }] }],
])('%s out of all proportion is refused: %j', (field, more) => {
  const parsed = categoryInput.safeParse({ ...minimal, ...more });
  expect(parsed.success).toBe(false);
  expect(parsed.error?.issues.map(({ path }) => path.join('.')).join()).toContain(field);
});

test.each([
  [{ name: 'sale\u001b[2J' }],
  [{ name: 'two\nlines' }],
  [{ id: 'a\0b' }],
  [{ source: 'feed\u202e' }],
  [{ name: 'half \ud800' }],
  [{ start: '9999-01-01T00:00:00Z' }],
  [{ start: '1000-01-01T00:00:00Z' }],
  [{ duration: `${'9'.repeat(120)}h` }],
])('an event with %j is refused with a reason', (more) => {
  const event = { name: 'sale', start: '2026-12-01T09:00:00Z', duration: '2h', ...more };
  expect(readCalendarMessage(event).ok).toBe(false);
});
