/** Files that try to fill the memory of an import, or to keep it busy: their bad lines are named, the others count. */
import { randomBytes } from 'node:crypto';
import { createWriteStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { importFiles } from '../../../../adapters/demand/files/importFiles';
import { readTraceFile } from '../../../../adapters/demand/files/readTraceFile';
import { readTimestamp } from '../../../../core/time/timestamps';
import { wallClock } from '../../../../core/time/wallClock';

jest.setTimeout(60_000);

const folder = mkdtempSync(join(tmpdir(), 'pam-hostile-'));
const file = join(folder, 'log');
afterAll(() => rmSync(folder, { recursive: true }));

async function importing(name = file, format: 'auto' | 'csv' = 'auto') {
  const bad: string[] = [];
  let requests = 0;
  const before = process.resourceUsage().maxRSS;
  const began = Date.now();
  const outcome = await importFiles(
    {
      ...{ files: [name], format, category: null, rename: new Map(), binMs: null, clock: null },
      ...{ ambiguous: 'reject', source: 'test', map: new Map() },
    },
    {
      write: async (_, parts) => {
        for (const part of parts) requests += part.requests;
      },
      bad: (_, line, reason) => bad.push(`${line}: ${reason}`),
      progress: () => undefined,
    },
  ).then(
    () => 'read',
    (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
  );
  const grownMb = (process.resourceUsage().maxRSS - before) / 1_024;
  return { outcome, bad, requests, grownMb, tookMs: Date.now() - began };
}

const time = '2026-05-04T10:00:00Z';
const mega = 'x'.repeat(1_000_000);

async function gzipped(name: string, chunks: Iterable<string | Buffer>): Promise<string> {
  const path = join(folder, name);
  await pipeline(Readable.from(chunks), createGzip(), createWriteStream(path));
  return path;
}

test('a line of 100 MB is refused with its number, in flat memory; the lines around it count', async () => {
  const path = await gzipped(
    'long.gz',
    (function* () {
      yield `timestamp,type\n${time},a\n`;
      // Not so uniform that no log could be: as much as is packed to a few hundredths.
      for (let part = 0; part < 2_000; part++) yield randomBytes(100).toString('hex') + '-'.repeat(50_000);
      yield `\n${time},a\n`;
    })(),
  );
  const { outcome, bad, requests, grownMb } = await importing(path);
  expect([outcome, bad, requests]).toEqual(['read', ['3: has more than 1000000 bytes'], 2]);
  expect(grownMb).toBeLessThan(100);
});

test('what unpacks to five hundred times its size is no log', async () => {
  const path = await gzipped(
    'bomb.gz',
    (function* () {
      yield `timestamp,type\n${time},a\n`;
      for (let part = 0; part < 200; part++) yield Buffer.alloc(1_000_000);
    })(),
  );
  const { outcome, grownMb } = await importing(path);
  expect(outcome).toMatch(/^INVALID_DATA: .*bomb\.gz unpacks to more than 500 times its size/);
  expect(grownMb).toBeLessThan(100);
  await expect(readTraceFile(path)).rejects.toMatchObject({ code: 'INVALID_DATA' });
});

test('a log that is packed to a hundredth is read', async () => {
  const row = `${time},a,http://shop.example.com/a/long/address/that/is/always/the/same\n`;
  const path = await gzipped(
    'log.gz',
    (function* () {
      yield 'timestamp,type,url\n';
      for (let part = 0; part < 100; part++) yield row.repeat(2_000);
    })(),
  );
  expect(await importing(path)).toMatchObject({ outcome: 'read', bad: [], requests: 200_000 });
});

test.each([
  [
    'NDJSON',
    `{"timestamp":"${time}","type":"a"}\n{"timestamp":"${mega}\n{"timestamp":"${time}","type":"a"}\n`,
    [2],
  ],
  [
    'a column of almost a MB',
    `timestamp,type\n${time},${mega.slice(100)}\n${time},a\n${mega.slice(100)},a\n${time},a\n`,
    [2, 4],
  ],
  [
    'a number of almost a MB',
    `timestamp,type,count\n${time},a,1\n${time},a,${'9'.repeat(999_000)}\n${time},a,1\n`,
    [3],
  ],
  [
    'JSON in JSON',
    `{"timestamp":"${time}","type":"a"}\n{"timestamp":"${time}","type":${'['.repeat(400_000)}${']'.repeat(400_000)}}\n{"timestamp":"${time}","type":"a"}\n`,
    [2],
  ],
])('%s: the line is named in few words, the others count', async (_, text, lines) => {
  writeFileSync(file, text);
  const { outcome, bad, requests } = await importing();
  expect(outcome).toBe('read');
  expect(requests).toBe(2);
  expect(bad.map((reason) => Number.parseInt(reason, 10))).toEqual(lines);
  for (const reason of bad) expect(reason.length).toBeLessThan(400);
});

test('a header or first row beyond a MB is refused with file and line', async () => {
  writeFileSync(file, `${mega}x\n${time},a\n`);
  expect((await importing()).outcome).toMatch(/^INVALID_DATA: .*log:1: has more than 1000000 bytes/);
  await expect(readTraceFile(file)).rejects.toThrow(/log:1: has more than 1000000 bytes/);
  writeFileSync(file, `timestamp,category,count\n${time},a,1\n${mega}x\n`);
  await expect(readTraceFile(file)).rejects.toThrow(/log:3: has more than 1000000 bytes/);
});

test('a header of 100,000 columns is refused in few words', async () => {
  writeFileSync(file, `${'a,'.repeat(100_000)}a\n1,2\n`);
  expect((await importing()).outcome.length).toBeLessThan(1_000);
});

test.each([
  ['in every row', (row: number) => `${time},"a${row},x`],
  ['in rows of 100 kB', (row: number) => (row < 20 ? `${time},"a${'x'.repeat(100_000)}` : `${time},b,c`)],
])('quotes that are never closed %s take no longer by much', async (_, row) => {
  writeFileSync(
    file,
    `timestamp,type,url\n${Array.from({ length: 5_000 }, (__, at) => row(at)).join('\n')}\n`,
  );
  const { tookMs } = await importing();
  expect(tookMs).toBeLessThan(10_000);
});

test('many different types are not remembered', async () => {
  writeFileSync(
    file,
    `timestamp,type\n${Array.from({ length: 50_000 }, (_, row) => `${time},/path/${row}${'y'.repeat(150)}`).join('\n')}\n${time},a\n`,
  );
  const { requests, bad } = await importing();
  expect([requests, bad.length]).toEqual([1, 50_000]);
});

test('a time of a MB is no time, at once', () => {
  const began = performance.now();
  for (const text of ['1'.repeat(1e6), '2026-05-04T10:00:00.'.padEnd(1e6, '0'), `${' '.repeat(1e6)}x`])
    expect(
      typeof readTimestamp(text, { unit: 'iso', clock: wallClock('UTC'), ambiguous: 'earlier' }),
    ).toBeDefined();
  expect(performance.now() - began).toBeLessThan(2_000);
});
