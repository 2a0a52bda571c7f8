/** Feeds over real HTTP and from files: what is asked, what is refused, and how every failure is told. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { createFeedSource } from '../../../adapters/feeds';
import { isPublicAddress, lookupWithin } from '../../../adapters/feeds/publicAddress';
import { type FeedInput, feedDefinition } from '../../../core/events/feed';
import { testPolicy } from '../../support/policy';
import { type FeedServer, openFeedServer } from './feedServer';

const nothing = { events: [], cancelled: [], problems: [], complete: true };
const feeds = createFeedSource({ readFeed: async () => nothing });
const feed = (more: Partial<FeedInput>) =>
  feedDefinition.parse({
    name: 'matches',
    type: 'calendar',
    categories: ['football'],
    allowPrivate: true,
    timeout: '500ms',
    maxBytes: 10_000,
    ...more,
  });
const failure = (work: Promise<unknown>) =>
  work.then(
    () => {
      throw new Error('expected a failure');
    },
    (error: { code?: string; message: string }) => `${error.code}: ${error.message}`,
  );

let server: FeedServer;
let folder: string;
beforeAll(async () => {
  server = await openFeedServer();
  folder = mkdtempSync(join(tmpdir(), 'pam-feed-'));
});
afterAll(async () => {
  await server?.close();
  if (folder) rmSync(folder, { recursive: true });
});
const at = (path: string, more: Partial<FeedInput> = {}) => feed({ url: `${server.url}${path}`, ...more });

test('validators are sent back; 304 means as before', async () => {
  server.answers['/a.ics'] = (request, response) => {
    if (request.headers['if-none-match'] === '"v1"') response.writeHead(304).end();
    else
      response
        .writeHead(200, { etag: '"v1"', 'last-modified': 'Tue, 24 Nov 2026 10:00:00 GMT' })
        .end('BEGIN:VCALENDAR');
  };
  const first = await feeds.fetch(at('/a.ics'), null);
  expect(first).toEqual({
    text: 'BEGIN:VCALENDAR',
    bytes: 15,
    etag: '"v1"',
    lastModified: 'Tue, 24 Nov 2026 10:00:00 GMT',
  });
  expect(await feeds.fetch(at('/a.ics'), first)).toBeNull();
  expect(server.asked.at(-1)?.headers['if-modified-since']).toBe('Tue, 24 Nov 2026 10:00:00 GMT');
});

test.each([
  ['gzip', gzipSync],
  ['br', brotliCompressSync],
])('%s is unpacked', async (encoding, pack) => {
  server.answers['/packed'] = (_, response) =>
    response.writeHead(200, { 'content-encoding': encoding }).end(pack('Größe'));
  expect((await feeds.fetch(at('/packed'), null))?.text).toBe('Größe');
});

test('an answer cut off while packed and one that only claims to be packed are failures', async () => {
  server.answers['/cut'] = (_, response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('x'.repeat(5_000)).subarray(0, 20));
  server.answers['/claim'] = (_, response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end('BEGIN:VCALENDAR');
  expect(await failure(feeds.fetch(at('/cut'), null))).toMatch(/^(INVALID_DATA|UNAVAILABLE): feed "matches"/);
  expect(await failure(feeds.fetch(at('/claim'), null))).toMatch(/^INVALID_DATA: .*broken content encoding/);
});

test('the charset of the answer and of an XML declaration count', async () => {
  const latin = Buffer.from('<?xml version="1.0" encoding="iso-8859-1"?><t>é</t>', 'latin1');
  server.answers['/latin'] = (_, response) => response.writeHead(200).end(latin);
  expect((await feeds.fetch(at('/latin'), null))?.text).toContain('<t>é</t>');
});

test('too large is refused: said, streamed, and unpacked from a few bytes', async () => {
  let written = 0;
  server.answers['/said'] = (_, response) =>
    response.writeHead(200, { 'content-length': '99999' }).write('x');
  server.answers['/streamed'] = (_, response) => {
    response.writeHead(200);
    const more = () => {
      if (response.destroyed) return;
      written += 1_000;
      response.write('x'.repeat(1_000));
      setTimeout(more, 1);
    };
    more();
  };
  // Packed before the time of a look begins.
  const bomb = gzipSync(Buffer.alloc(20_000_000));
  server.answers['/bomb'] = (_, response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
  for (const path of ['/said', '/streamed', '/bomb'])
    expect(await failure(feeds.fetch(at(path), null))).toMatch(/^INVALID_DATA: .*larger than 10000 bytes/);
  expect(written).toBeLessThan(1_000_000);
});

test.each([
  ['never answers', () => undefined],
  [
    'drips',
    (
      _: unknown,
      response: { writeHead(code: number): void; write(text: string): void; destroyed: boolean },
    ) => {
      response.writeHead(200);
      const drip = setInterval(() => (response.destroyed ? clearInterval(drip) : response.write('x')), 20);
    },
  ],
])('a server that %s is given up after the time-out', async (_, answer) => {
  server.answers['/slow'] = answer as never;
  const began = Date.now();
  expect(await failure(feeds.fetch(at('/slow'), null))).toMatch(/^UNAVAILABLE: .*not read within 500 ms/);
  expect(Date.now() - began).toBeLessThan(3_000);
});

test.each([
  [401, 'DENIED'],
  [404, 'NOT_FOUND'],
  [410, 'NOT_FOUND'],
  [429, 'THROTTLED'],
  [418, 'REJECTED'],
  [503, 'UNAVAILABLE'],
])('%i is %s, without the query in the message', async (status, code) => {
  server.answers['/status'] = (_, response) => response.writeHead(status).end('x'.repeat(100_000));
  const told = await failure(feeds.fetch(at('/status?key=secret'), null));
  expect(told).toBe(`${code}: feed "matches": ${server.url}/status answers ${status}`);
});

test('redirects are followed a few times, each address checked', async () => {
  server.answers['/moved'] = (_, response) => response.writeHead(302, { location: '/there' }).end();
  server.answers['/there'] = (_, response) => response.end('there');
  server.answers['/loop'] = (_, response) => response.writeHead(301, { location: '/loop' }).end();
  server.answers['/local'] = (_, response) =>
    response.writeHead(302, { location: 'file:///etc/passwd' }).end();
  expect((await feeds.fetch(at('/moved'), null))?.text).toBe('there');
  expect(await failure(feeds.fetch(at('/loop'), null))).toMatch(/^REJECTED: .*more than 5 redirects/);
  expect(await failure(feeds.fetch(at('/local'), null))).toMatch(/^DENIED: .*file:/);
});

describe('private addresses', () => {
  test.each([
    'http://127.0.0.1:1/',
    'http://[::1]:1/',
    'http://[::ffff:10.0.0.1]/',
    'http://169.254.169.254/latest/meta-data/',
    'http://192.168.1.1/',
    'http://0x7f.1/',
    'http://2130706433/',
    'http://localhost:1/',
    'http://0.0.0.0/',
    'http://[::127.0.0.1]:1/',
    'http://[::7f00:1]:1/',
    'http://[64:ff9b::127.0.0.1]:1/',
    'http://[2002:7f00:1::]:1/',
    'http://0177.0.0.1:1/',
    'http://127.1:1/',
    'http://127.0.0.1.:1/',
    'http://100.100.100.200/',
    'http://１２７.0.0.1:1/',
  ])('%s is refused before a byte is sent', async (url) => {
    const before = server.asked.length;
    const told = await failure(feeds.fetch(feed({ url, allowPrivate: false }), null));
    expect(told).toMatch(/^DENIED: .*private, loopback or link-local/);
    expect(server.asked.length).toBe(before);
  });

  test('a name is checked at the connection itself, whatever it resolved to before', async () => {
    const { port } = new URL(server.url);
    server.answers['/inside'] = (_, response) => response.end('secret');
    const url = `http://localhost:${port}/inside`;
    expect(await failure(feeds.fetch(feed({ url, allowPrivate: false }), null))).toMatch(/^DENIED/);
    expect((await feeds.fetch(feed({ url }), null))?.text).toBe('secret');
    const looked = await new Promise<unknown>((resolve) =>
      lookupWithin([])('localhost', { all: true }, (error) => resolve(error)),
    );
    expect(looked).toMatchObject({ code: 'DENIED' });
  });

  test('ranges', () => {
    for (const inside of [
      '10.1.2.3',
      '172.16.0.1',
      '100.64.0.1',
      'fe80::1',
      'fd00::1',
      '::',
      '224.0.0.1',
      ...['64:ff9b::7f00:1', '64:ff9b:1::7f00:1', '::7f00:1', '::10.0.0.1', '::ffff:0:127.0.0.1'],
      ...['2002:7f00:1::', '2001:0:4136:e378:8000:63bf:3fff:fdd2', '2a00:1450:4001:0:0:5efe:7f00:1'],
      ...['0.0.0.0', '0.1.2.3', '100.100.100.200', '169.254.169.254', '192.0.0.192', '168.63.129.16'],
      ...['198.18.0.1', '240.0.0.1', '255.255.255.255', 'fd00:ec2::254', 'fec0::1', '100::1', '5f00::1'],
      ...['2001:db8::1', '3fff::1', 'ff02::1', '::ffff:169.254.169.254', '4000::1'],
    ])
      expect([inside, isPublicAddress(inside)]).toEqual([inside, false]);
    for (const outside of [
      '93.184.216.34',
      '2606:2800:220:1::1',
      '2a00:1450:4001:81b::200e',
      '::ffff:93.184.216.34',
    ])
      expect([outside, isPublicAddress(outside)]).toEqual([outside, true]);
  });
});

test('a file is read again only when it changed; gzip is unpacked', async () => {
  const file = join(folder, 'feed.csv.gz');
  writeFileSync(file, gzipSync('name,start'));
  utimesSync(file, 1, 1);
  const first = await feeds.fetch(feed({ file }), null);
  expect(first?.text).toBe('name,start');
  expect(await feeds.fetch(feed({ file }), first)).toBeNull();
  writeFileSync(file, 'plain');
  expect((await feeds.fetch(feed({ file }), first))?.text).toBe('plain');
  expect(await failure(feeds.fetch(feed({ file: `${file}x` }), null))).toMatch(/^NOT_FOUND: .*no such file/);
  expect(await failure(feeds.fetch(feed({ file: folder }), null))).toMatch(/^INVALID_DATA: .*not a file/);
});

describe('under the policy of a worker', () => {
  const under = (written: object) =>
    createFeedSource({ readFeed: async () => nothing }, testPolicy({ feeds: written }));
  const allowed = () => join(folder, 'allowed');
  beforeAll(() => {
    mkdirSync(join(allowed(), 'deep'), { recursive: true });
    mkdirSync(join(folder, 'allowed-not'));
    writeFileSync(join(folder, 'secret'), 'secret');
    writeFileSync(join(folder, 'allowed-not', 'a.ics'), 'secret');
    writeFileSync(join(allowed(), 'deep', 'a.ics'), 'BEGIN:VCALENDAR');
    symlinkSync(join(allowed(), 'deep', 'a.ics'), join(allowed(), 'inside'));
    symlinkSync(join(folder, 'secret'), join(allowed(), 'outside'));
    symlinkSync('/proc/self/environ', join(allowed(), 'environ'));
    symlinkSync(folder, join(allowed(), 'up'));
    execFileSync('mkfifo', [join(allowed(), 'pipe')]);
  });

  test('a file is read only inside the allowed folders, wherever links lead', async () => {
    const source = under({ folders: [allowed()] });
    for (const path of ['deep/a.ics', 'inside', 'up/allowed/deep/a.ics'])
      expect((await source.fetch(feed({ file: join(allowed(), path) }), null))?.text).toBe('BEGIN:VCALENDAR');
    for (const path of ['outside', 'environ', 'up/secret'])
      expect([path, await failure(source.fetch(feed({ file: join(allowed(), path) }), null))]).toEqual([
        path,
        expect.stringMatching(/^DENIED: .*leads to/),
      ]);
    for (const file of [
      `${allowed()}/../secret`,
      `${allowed()}-not/a.ics`,
      join(folder, 'secret'),
      '/proc/self/environ',
      '/etc/passwd',
      'a.ics',
    ])
      expect([file, await failure(source.fetch(feed({ file }), null))]).toEqual([
        file,
        expect.stringMatching(/^DENIED: .*policy\.feeds\.folders/),
      ]);
  });

  test('what is no file is refused at once: a pipe that nobody writes to, a device, a folder', async () => {
    const source = under({ folders: [allowed(), '/dev'] });
    expect(await failure(source.fetch(feed({ file: join(allowed(), 'pipe') }), null))).toMatch(/not a file/);
    expect(await failure(source.fetch(feed({ file: join(allowed(), 'deep') }), null))).toMatch(/not a file/);
    expect(await failure(source.fetch(feed({ file: '/dev/zero' }), null))).toMatch(/^DENIED: .*never read/);
  });

  test('a private network needs both the feed and the policy to name it', async () => {
    server.answers['/p.ics'] = (_, response) => void response.end('BEGIN:VCALENDAR');
    const url = `${server.url}/p.ics`;
    const tells = (networks: string[], allowPrivate: boolean) =>
      failure(under({ networks }).fetch(feed({ url, allowPrivate }), null));
    expect(await tells([], true)).toMatch(/^DENIED: .*policy\.feeds\.networks/);
    expect(await tells(['10.0.0.0/8', 'fd00::/8'], true)).toMatch(
      /^DENIED: .*10\.0\.0\.0\/8.*policy\.feeds\.networks/,
    );
    expect(await tells(['127.0.0.0/8', '::1/128'], false)).toMatch(/^DENIED/);
    const open = under({ networks: ['127.0.0.0/8', '::1/128'] });
    expect((await open.fetch(feed({ url }), null))?.text).toBe('BEGIN:VCALENDAR');
  });

  test('a redirect stays within the allowed hosts and networks', async () => {
    server.answers['/away'] = (_, response) =>
      void response.writeHead(302, { location: 'http://metadata.example.net/latest' }).end();
    server.answers['/inside'] = (_, response) =>
      void response.writeHead(302, { location: 'http://169.254.169.254/latest' }).end();
    const { hostname } = new URL(server.url);
    const networks = ['127.0.0.0/8', '::1/128'];
    const url = (path: string) => feed({ url: `${server.url}${path}` });
    expect(await failure(under({ networks, hosts: [hostname] }).fetch(url('/away'), null))).toMatch(
      /^DENIED: .*metadata\.example\.net.*policy\.feeds\.hosts/,
    );
    expect(await failure(under({ networks }).fetch(url('/inside'), null))).toMatch(
      /^DENIED: .*169\.254\.169\.254.*policy\.feeds\.networks/,
    );
  });
});
