import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { instantOf, readTrace } from '../../../../cli/demo/workload/readTrace';

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

test('categories are summed where any has the bin, or one is picked; times without a zone are UTC', async () => {
  const path = await file('b.csv', [
    '2020-01-01T00:00:00,x,1',
    '2020-01-01T00:00:00,y,2',
    '2020-01-01T00:10:00,y,4',
    '2020-01-01T00:20:00,x,8',
  ]);
  expect([...(await readTrace(path)).counts]).toEqual([3, 4, 8]);
  expect([...(await readTrace(`${path}#y`)).counts]).toEqual([2, 4]);
  await expect(readTrace(`${path}#z`)).rejects.toThrow('has no category "z"');
});

test('a file that is not there or no trace is named', async () => {
  await expect(readTrace(join(folder, 'none.csv'))).rejects.toThrow('none.csv');
  const broken = await file('c.csv', ['2020-01-01T00:00:00Z,all,5', 'yesterday,all,5']);
  await expect(readTrace(broken)).rejects.toThrow('c.csv:3');
});

test('what is no time is not guessed', () => {
  expect(instantOf('2020-01-01T00:00Z')).toBe(Date.UTC(2020, 0, 1));
  expect(instantOf('2020-01-01 00:00-04:00')).toBe(Date.UTC(2020, 0, 1, 4));
  expect(instantOf('1.1.2020')).toBeNaN();
});
