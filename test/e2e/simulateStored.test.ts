/** `pam simulate` on what is stored, against the same file as `--trace`: the same decisions, figures and forecasts. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '../../adapters/postgres';
import { runImport } from '../../cli/import/runImport';
import { type HistoryOptions, type ReplayedHistory, readHistory } from '../../cli/simulate/history';
import { runSimulate } from '../../cli/simulate/runSimulate';
import { createTestDatabase, type TestDatabase } from '../support/database';

const minuteMs = 60_000;
const startMs = Date.parse('2026-05-04T00:00:00Z');
let folder: string;
let server: TestDatabase;
const serverOfTests = process.env.DATABASE_URL;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pam-stored-'));
  server = await createTestDatabase();
  await migrate(server.url);
  process.env.DATABASE_URL = server.url;
}, 60_000);
afterAll(async () => {
  process.env.DATABASE_URL = serverOfTests;
  await server?.drop();
  rmSync(folder, { recursive: true, force: true });
});

/** Two days with a daily cycle, a gap of three hours and a fractional count now and then. */
function traceFile(name: string, categories: readonly string[], binMs: number): string {
  const path = join(folder, name);
  const rows = ['timestamp_iso,category,count'];
  for (let bin = 0; bin < (2 * 86_400_000) / binMs; bin++) {
    const hour = ((bin * binMs) / 3_600_000) % 24;
    if (hour >= 3 && hour < 6) continue;
    categories.forEach((category, index) => {
      const count = Math.round(
        100 * (1 + index) * (1.5 + Math.sin((hour * Math.PI) / 12)) + ((bin * 37) % 23),
      );
      rows.push(
        `${new Date(startMs + bin * binMs).toISOString()},${category},${bin % 50 === 0 ? count + 0.5 : count}`,
      );
    });
  }
  writeFileSync(path, `${rows.join('\n')}\n`);
  return path;
}

async function importFile(path: string): Promise<void> {
  await runImport({
    rules: {
      ...{ files: [path], format: 'auto', category: null, rename: new Map(), binMs: null, clock: null },
      ...{ ambiguous: 'reject', source: 'import', map: new Map() },
    },
    databaseUrl: server.url,
    strict: true,
    silenceMs: null,
    complain: (text) => {
      throw new Error(text);
    },
    progress: () => undefined,
  });
}

const history = (change: Partial<HistoryOptions> = {}): Promise<ReplayedHistory> =>
  readHistory({
    ...{
      trace: undefined,
      calendars: [],
      categories: [],
      zone: undefined,
      map: new Map(),
      config: undefined,
    },
    complain: (message) => {
      throw new Error(message);
    },
    ...change,
  });

const simulate = (replayed: ReplayedHistory, out: string) =>
  runSimulate(replayed, {
    ...{ from: '2026-05-05T12:00:00Z', to: undefined, zone: undefined, leadMs: 10 * minuteMs, capacity: 25 },
    ...{ risks: [0.05, 0.01], policies: ['pam', 'reactive', 'scheduled'], family: 'seasonal-naive', seed: 1 },
    ...{ holdMs: 5 * minuteMs, out, calendars: [], progress: () => undefined, complain: () => undefined },
  });

test('nothing stored: says what to do', async () => {
  await expect(history()).rejects.toMatchObject({
    code: 'NOT_FOUND',
    message: expect.stringContaining('pam import FILE'),
  });
});

test('what was imported and does not run is replayed in its own bins, to the same files as from the trace', async () => {
  const trace = traceFile('shop.csv', ['checkout', 'search'], 10 * minuteMs);
  await importFile(trace);
  const stored = await simulate(await history(), join(folder, 'stored'));
  const traced = await simulate(await history({ trace }), join(folder, 'traced'));
  expect(stored).toEqual({ ...traced, name: 'stored history', trace: 'stored history' });
  expect(stored).toMatchObject({ binMs: 10 * minuteMs });
  const files = readdirSync(join(folder, 'traced')).filter((name) => name.endsWith('.csv'));
  expect(files).toEqual(expect.arrayContaining(['forecasts-pam.csv', 'decisions-pam-0.01.csv']));
  expect(readdirSync(join(folder, 'stored'))).toEqual(readdirSync(join(folder, 'traced')));
  for (const name of files)
    expect(readFileSync(join(folder, 'stored', name), 'utf8')).toBe(
      readFileSync(join(folder, 'traced', name), 'utf8'),
    );
}, 60_000);

test('a category that is not stored, and bins that can’t be added up, are refused with what would be right', async () => {
  await importFile(traceFile('minutes.csv', ['every-minute'], minuteMs));
  await expect(history({ categories: ['nobody'] })).rejects.toThrow(
    /no history of category "nobody" is stored; stored are: checkout, every-minute, search/,
  );
  await expect(history()).rejects.toThrow(
    /"checkout" has bins of 10 min, "every-minute" of 1 min.*--category NAME/,
  );
  const { categories } = await history({ categories: ['every-minute'] });
  expect(categories.map(({ name, series }) => [name, series.clock.binMs])).toEqual([
    ['every-minute', minuteMs],
  ]);
});
