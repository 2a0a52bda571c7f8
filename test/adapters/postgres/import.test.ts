/** Real files through the import into a real PostgreSQL: what is stored, what is refused, and why. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { Client } from 'pg';
import type { ImportRules } from '../../../adapters/demand/files/importFiles';
import { type Database, migrate, openDatabase } from '../../../adapters/postgres';
import { startBinImport } from '../../../adapters/postgres/import/binImport';
import { readCategoryOptions } from '../../../cli/import/categoryOptions';
import { type ImportResult, runImport } from '../../../cli/import/runImport';
import { readColumnMap } from '../../../core/demand/import/columns';
import { wallClock } from '../../../core/time/wallClock';
import { bin } from '../../activities/memoryStores';
import { createTestDatabase, type TestDatabase } from '../../support/database';

const minute = 60_000;
const clock = { binMs: minute, dayMs: 86_400_000 };
const start = Date.parse('2026-05-04T10:00:00Z');

let server: TestDatabase;
let database: Database;
let folder: string;
let complaints: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pam-import-'));
  server = await createTestDatabase();
  await migrate(server.url);
  database = await openDatabase({ url: server.url });
}, 60_000);
afterAll(async () => {
  await database?.close();
  await server?.drop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  complaints = '';
});

interface Options extends Partial<ImportRules> {
  readonly strict?: boolean;
  readonly silenceMs?: number | null;
  readonly dryRun?: boolean;
}

function importing(files: readonly string[], options: Options = {}): Promise<ImportResult> {
  const { strict = false, silenceMs = 3_600_000, dryRun = false, ...rules } = options;
  return runImport({
    rules: {
      files,
      format: 'auto',
      category: null,
      rename: new Map(),
      binMs: null,
      clock: null,
      ambiguous: 'reject',
      source: 'import',
      map: new Map(),
      ...rules,
    },
    databaseUrl: dryRun ? null : server.url,
    strict,
    silenceMs,
    complain: (text) => {
      complaints += text;
    },
    progress: () => undefined,
  });
}

function file(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const counts = async (category: string, fromMs: number, bins: number) => [
  ...(await database.demand.series(category, clock, fromMs, fromMs + bins * minute)).counts,
];

test('counts, gzip by content and not by name: absent bins stay missing, a second import changes nothing', async () => {
  const path = file(
    'counts.csv',
    gzipSync(
      'timestamp_iso,category,count\n2026-05-04T10:00:00Z,shop,5\n2026-05-04T10:01:00Z,shop,0\n2026-05-04T10:03:00Z,shop,2.5\n',
    ),
  );
  const result = await importing([path]);
  expect(result.files).toMatchObject([{ shape: 'counts', rows: 3, badRows: 0, widthMs: null }]);
  await importing([path]);
  expect(await counts('shop', start, 5)).toEqual([5, 0, Number.NaN, 2.5, Number.NaN]);
});

test('bad rows are named with file, line and reason; the good ones are kept', async () => {
  const path = file(
    'bad.csv',
    [
      'timestamp,category,source,count',
      '2026-05-04T10:00:00Z,bad,"two',
      'lines",1',
      '2026-05-04T10:00:00,bad,a,2',
      '',
      '2026-02-30T10:00:00Z,bad,a,3',
      '2026-05-04T10:01:00Z,bad,a,many',
      '2026-05-04T10:01:00Z,bad,a,-1',
      '2026-05-04T10:01:00Z,Not Legal,a,1',
      '2026-05-04T10:01:00Z,bad,a',
      '2026-05-04T10:01:00Z,bad,"never closed,4',
      '2026-05-04T10:02:00Z,bad,a,7',
      '1777888800,bad,a,7',
    ].join('\r\n'),
  );
  const result = await importing([path]);
  expect(result.badRows).toBe(8);
  expect(result.bad.map(({ line, reason }) => [line, reason])).toEqual([
    [4, expect.stringContaining('no time zone: give the zone of the file, such as --zone UTC')],
    [6, expect.stringContaining('not a time that exists')],
    [7, expect.stringMatching(/^count is "many": expected a number from 0/)],
    [8, expect.stringMatching(/^count is "-1": expected a number from 0/)],
    [9, expect.stringContaining('1 to 40 lower-case letters, digits or dashes')],
    [10, '3 columns where the header has 4'],
    [11, 'a quote that is opened here is not closed'],
    [13, expect.stringContaining('timestamp_s')],
  ]);
  expect(complaints).toContain(`${path}:7: count is "many"`);
  expect(await counts('bad', start, 3)).toEqual([1, Number.NaN, 7]);
});

test('--strict stores nothing of a file with a bad row', async () => {
  const path = file(
    'strict.csv',
    'timestamp,category,count\n2026-05-04T10:00:00Z,strict,5\n2026-05-04T10:01:00Z,strict,x\n',
  );
  await expect(importing([path], { strict: true })).rejects.toMatchObject({
    code: 'INVALID_DATA',
    exitCode: 65,
    message: expect.stringContaining('1 bad row: nothing was stored'),
  });
  expect(await database.demand.span('strict')).toBeNull();
  expect(complaints).toContain('strict.csv:3: count is "x"');
});

test('requests, one a row: summed over several logs, quiet bins are zero, silence is missing', async () => {
  const first = file(
    'host1.csv',
    [
      'ts,route,cost',
      '2026-05-04T10:00:59.999Z,cart,1500',
      '2026-05-04T10:00:01Z,cart,500',
      '2026-05-04T10:01:30Z,items,10',
      '2026-05-04T10:03:00Z,cart,',
      '2026-05-04T12:00:00Z,cart,1',
    ].join('\n'),
  );
  const second = file('host2.csv', 'ts,route,cost\n2026-05-04T10:00:30Z,cart,1000\n');
  const rules = { map: readColumnMap('timestamp=ts,type=route,resource_ms=cost') };
  const result = await importing([first, second], rules);
  expect(result.categories).toMatchObject([
    { category: 'cart', requests: 5, quiet: 2 },
    { category: 'items', requests: 1, quiet: 4 },
  ]);
  expect(await counts('cart', start, 5)).toEqual([3, 0, 0, 1, Number.NaN]);
  expect(await counts('items', start, 4)).toEqual([0, 1, 0, 0]);
  const [bin] = await database.demand.totals('cart', start, start + minute);
  expect(bin).toMatchObject({ requests: 3, busySeconds: 3 });
  await importing([first, second], rules);
  expect(await counts('cart', start, 5)).toEqual([3, 0, 0, 1, Number.NaN]);
  await importing([first], { ...rules, category: 'never-quiet', silenceMs: null });
  expect(await counts('never-quiet', start, 4)).toEqual([2, 1, Number.NaN, 1]);
});

test('a zone makes wall-clock times instants; skipped and repeated hours are bad rows unless chosen', async () => {
  const content = [
    'timestamp,category,count',
    '2026-03-08 01:59:00,ny,1',
    '2026-03-08 02:30:00,ny,2',
    '2026-03-08 03:00:00,ny,3',
    '2026-11-01 01:30:00,ny,4',
    '2026-11-01T01:30:00-05:00,ny,5',
  ].join('\n');
  const rules = { clock: wallClock('America/New_York') };
  const result = await importing([file('ny.csv', content)], rules);
  expect(result.bad.map(({ line, reason }) => [line, reason])).toEqual([
    [3, expect.stringContaining('does not exist in America/New_York')],
    [5, expect.stringContaining('comes twice in America/New_York')],
  ]);
  expect(await counts('ny', Date.parse('2026-03-08T06:59:00Z'), 2)).toEqual([1, 3]);
  expect(await counts('ny', Date.parse('2026-11-01T06:30:00Z'), 1)).toEqual([5]);
  await importing([file('ny.csv', content)], { ...rules, ambiguous: 'earlier' });
  expect(await counts('ny', Date.parse('2026-11-01T05:30:00Z'), 1)).toEqual([4]);
});

test('NDJSON with sources, numbers and epoch times', async () => {
  const path = file(
    'log.ndjson',
    [
      '{"timestamp_ms":1777888800123,"type":"json","source":"tenant\\ta","resource_s":0.5,"latency_ms":10,"status":503}',
      '{"timestamp_ms":1777888801123,"type":"json","source":"tenant\\ta","resource_s":0.25,"latency_ms":30,"status":200}',
      '{"timestamp_ms":1777888801123,"type":"json"',
      '[1]',
    ].join('\n'),
  );
  const result = await importing([path]);
  expect(result.bad.map(({ line }) => line)).toEqual([3, 4]);
  expect(await database.demand.totals('json', start, start + minute)).toMatchObject([
    { startMs: start, requests: 2, busySeconds: 0.75, errors: 1 },
  ]);
});

test('one name takes all rows; renamings take some; names of a file are refused in words', async () => {
  const path = file(
    'tenants.csv',
    'timestamp,category,count\n2026-05-04T10:00:00Z,m-large/client61,3\n2026-05-04T10:00:00Z,m-large/rest,4\n',
  );
  await expect(importing([path])).rejects.toMatchObject({ code: 'INVALID_DATA', exitCode: 65 });
  await importing([path], readCategoryOptions(['together']));
  expect(await counts('together', start, 1)).toEqual([7]);
  const renamed = await importing([path], readCategoryOptions(['m-large/client61=client61']));
  expect(renamed.badRows).toBe(1);
  expect(await counts('client61', start, 1)).toEqual([3]);
  expect(() => readCategoryOptions(['Client'])).toThrow('1 to 40 lower-case letters');
});

test('counts: a later file replaces the same bins; bins of another width are not counted twice', async () => {
  const head = 'timestamp,category,count\n';
  const row = (minutes: number, count: number) =>
    `${new Date(start + minutes * minute).toISOString()},again,${count}\n`;
  const fine = file('fine.csv', head + row(0, 1) + row(1, 2) + row(2, 3));
  const later = file('later.csv', head + row(1, 20) + row(2, 30));
  await importing([fine, later], { binMs: minute });
  expect(await counts('again', start, 3)).toEqual([1, 20, 30]);
  await importing([file('coarse.csv', head + row(0, 60) + row(5, 70))], { binMs: 5 * minute });
  const { counts: coarse } = await database.demand.series(
    'again',
    { ...clock, binMs: 5 * minute },
    start,
    start + 10 * minute,
  );
  expect([...coarse]).toEqual([60, 70]);
  await importing([fine], { binMs: minute });
  expect(await counts('again', start, 3)).toEqual([1, 2, 3]);
});

test('a file that was cut off gives its whole lines and says so; others are refused by name', async () => {
  const rows = Array.from(
    { length: 20_000 },
    (_, index) => `${new Date(start + index * minute).toISOString()},cut,${(index * 7919) % 1000}`,
  );
  const packed = gzipSync(`timestamp,category,count\n${rows.join('\n')}\n`);
  const result = await importing([file('cut.csv.gz', packed.subarray(0, packed.length / 2))]);
  expect(result.badRows).toBe(1);
  expect(result.bad[0]?.reason).toContain('cut off');
  expect(result.files[0]?.widthMs).toBe(minute);
  const stored = result.files[0]?.rows ?? 0;
  expect(stored).toBeGreaterThan(5_000);
  const values = await counts('cut', start, stored);
  expect(values).toEqual(Array.from({ length: stored }, (_, index) => (index * 7919) % 1000));
  for (const [name, content, reason] of [
    ['a.zip', Buffer.from('504b030400', 'hex'), 'a zip archive'],
    ['empty.csv', '', 'is empty'],
    ['no-time.csv', 'a,b\n1,2\n', 'no timestamp column among "a", "b"'],
    ['unit.csv', 'timestamp,type,resource\n', 'does not say its unit'],
  ] as const)
    await expect(importing([file(name, content)])).rejects.toMatchObject({
      code: 'INVALID_DATA',
      message: expect.stringContaining(reason),
    });
  await expect(importing([join(folder, 'none.csv')])).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('a connection that breaks in the middle stores nothing and is worth a retry', async () => {
  const bins = await startBinImport(server.url);
  const part = {
    category: 'broken',
    source: 'a\\b\tc\nd',
    startMs: start,
    requests: 1,
    busySeconds: null,
    latencySumMs: 0,
    latencyRequests: 0,
    errors: null,
  };
  await bins.write(0, [part]);
  const admin = new Client({ connectionString: server.url });
  await admin.connect();
  await admin.query(
    `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'pam import'`,
  );
  await admin.end();
  const finished = bins.finish([], new Map([[0, minute]]), null);
  await expect(finished).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true });
  await bins.abandon();
  expect(await database.demand.span('broken')).toBeNull();

  const again = await startBinImport(server.url);
  await again.write(0, [part]);
  await again.finish([], new Map([[0, minute]]), null);
  expect(await database.demand.span('broken')).toEqual({ firstMs: start, lastMs: start });
});

test('an import of a time that was measured live does not add to it, and says so', async () => {
  const path = file(
    'measured.csv',
    'timestamp,category,count\n2026-05-04T10:00:00Z,seen,5\n2026-05-04T10:01:00Z,seen,6\n2026-05-04T10:02:00Z,seen,7\n',
  );
  const measured = { ...bin('seen', start + minute, 60), source: 'envoy', widthMs: minute };
  await database.demand.appendLive([measured]);
  expect((await importing([path])).categories).toMatchObject([{ category: 'seen', rows: 3, measured: 1 }]);
  expect(await counts('seen', start, 3)).toEqual([5, 60, 7]);
});

test('a dry run reads and stores nothing', async () => {
  const path = file('dry.csv', 'timestamp,category,count\n2026-05-04T10:00:00Z,dry,5\n');
  expect(await importing([path], { dryRun: true })).toMatchObject({ stored: false, badRows: 0 });
  expect(await database.demand.span('dry')).toBeNull();
});

test('history of years ago is kept for as long as any other, from its import on', async () => {
  const path = file(
    'ancient.csv',
    'timestamp,category,count\n2019-05-04T10:00:00Z,ancient,5\n2019-05-04T10:01:00Z,ancient,6\n',
  );
  await importing([path]);
  const firstMs = Date.parse('2019-05-04T10:00:00Z');
  await database.demand.append([
    {
      category: 'ancient',
      source: 'envoy',
      startMs: firstMs,
      requests: 1,
      busySeconds: null,
      capacitySeconds: null,
      latencyMeanMs: null,
      latencyP99Ms: null,
      late: null,
      errors: null,
    },
  ]);
  const day = 86_400_000;
  const retention = { bins: 90 * day, forecasts: day, decisions: 90 * day };
  const requests = async () =>
    (await database.demand.totals('ancient', firstMs, firstMs + 10 * minute)).map((total) => total.requests);
  // What PAM measured itself goes, the file stays.
  await database.prune(retention, Date.now());
  expect(await requests()).toEqual([5, 6]);
  await database.prune(retention, Date.now() + 89 * day);
  expect(await requests()).toEqual([5, 6]);
  await database.prune(retention, Date.now() + 91 * day);
  expect(await requests()).toEqual([]);
});

test('a million rows in memory that does not grow with them', async () => {
  const lines: string[] = ['timestamp_ms,type,resource_ms'];
  for (let index = 0; index < 1_000_000; index++)
    lines.push(`${start + index * 500},${index % 3 === 0 ? 'big-a' : 'big-b'},${index % 100}`);
  const path = file('big.csv', lines.join('\n'));
  lines.length = 0;
  // What is alive counts, not what the collector has not come to yet on a busy machine.
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  collect();
  const before = process.memoryUsage();
  let most = 0;
  const watch = setInterval(() => {
    collect();
    const { heapUsed, external } = process.memoryUsage();
    most = Math.max(most, heapUsed + external - before.heapUsed - before.external);
  }, 1_000);
  const result = await importing([path]).finally(() => clearInterval(watch));
  expect(result.categories.map(({ requests }) => requests)).toEqual([333_334, 666_666]);
  expect(most).toBeLessThan(150_000_000);
}, 120_000);
