import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { readTrace } from '../../../cli/demo/readTrace';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pam-trace-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(name: string, rows: string[]): Promise<string> {
  const path = join(folder, name);
  const text = ['timestamp_iso,category,count', ...rows, ''].join('\n');
  await writeFile(path, name.endsWith('.gz') ? gzipSync(text) : text);
  return path;
}

test.each(['a.csv', 'a.csv.gz'])('%s: rows become bins, an absent row is missing', async (name) => {
  const path = await file(name, [
    '2020-01-01T00:00:00-04:00,all,5',
    '2020-01-01T00:01:00-04:00,all,0',
    '2020-01-01T00:03:00-04:00,all,7.5',
  ]);
  const series = await readTrace(path);
  expect(series.startMs).toBe(Date.UTC(2020, 0, 1, 4));
  expect(series.clock).toEqual({ binMs: 60_000, dayMs: 86_400_000 });
  expect([...series.counts]).toEqual([5, 0, Number.NaN, 7.5]);
});

test('categories are summed, or one is picked; times without a zone are UTC', async () => {
  const path = await file('b.csv', [
    '2020-01-01T00:00:00,x,1',
    '2020-01-01T00:00:00,y,2',
    '2020-01-01T00:10:00,y,4',
    '2020-01-01T00:20:00,x,8',
  ]);
  expect([...(await readTrace(path)).counts]).toEqual([3, 4, 8]);
  expect([...(await readTrace(`${path}#y`)).counts]).toEqual([2, 4]);
  await expect(readTrace(`${path}#z`)).rejects.toThrow('has no category "z"; expected one of x, y');
});

test.each<[string, string[], string]>([
  [
    'c.csv',
    ['2020-01-01T00:00:00Z,all,5', 'yesterday,all,5'],
    'c.csv:3: timestamp_iso: expected an ISO 8601',
  ],
  ['d.csv', ['2020-01-01T00:00:00Z,all,many'], 'd.csv:2: count: expected a number of requests'],
  ['e.csv', ['2020-01-01T00:00:00Z,all,1'], 'e.csv has 1 usable rows'],
  [
    'f.csv',
    ['2020-01-01T00:00:00Z,all,1', '2020-01-01T00:07:00Z,all,1'],
    'expected bins that divide the day',
  ],
  ['g.csv', ['2020-01-01T00:00:00Z,all'], 'g.csv: Invalid Record Length'],
])('%s is refused with file and line', async (name, rows, message) => {
  await expect(readTrace(await file(name, rows))).rejects.toThrow(message);
});

test('a file that is not there is named', async () => {
  await expect(readTrace(join(folder, 'none.csv'))).rejects.toThrow('none.csv: no such file');
});
