/** `forecasts-pam.csv`: what PAM forecast in the replay, such that the calibration can be recomputed from it alone. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quantileColumn } from '../../../cli/simulate/forecastFile';
import { runSimulate } from '../../../cli/simulate/runSimulate';
import { clock, dailyCounts } from '../../simulation/traces';

let out: string;
beforeAll(() => {
  out = mkdtempSync(join(tmpdir(), 'pam-forecasts-'));
});
afterAll(() => rmSync(out, { recursive: true, force: true }));

const binMs = 600_000;

test('every decision’s forecast once, whatever the risks; realized risk and windows follow from it', async () => {
  const categories = ['shop, "north"', 'search'].map((name, index) => ({
    name,
    series: {
      clock: { ...clock, binMs },
      startMs: 0,
      counts: dailyCounts(500, binMs, index + 1, [400, 412]),
    },
    events: [],
  }));
  const scorecard = await runSimulate(
    { name: 'made up', categories, offsetMs: 0 },
    {
      ...{ from: '1970-01-03T00:00:00Z', to: undefined, zone: undefined, leadMs: 2 * binMs, capacity: 10 },
      ...{ risks: [0.1, 0.02], policies: ['pam', 'reactive'], family: 'last-value', seed: 1, holdMs: 0, out },
      ...{ calendars: [], progress: () => undefined, complain: () => undefined },
    },
  );
  const [head, ...rows] = readFileSync(join(out, 'forecasts-pam.csv'), 'utf8').trimEnd().split('\n');
  const columns = head!.split(',');
  expect(columns).toEqual(
    expect.arrayContaining(['time', 'category', 'p50', 'p90', 'p95', 'p98', 'p99', 'actual']),
  );
  expect(rows).toHaveLength(2 * (500 - 288));
  const read = rows.map((row) => {
    // The one quoted name.
    const cells = row.replace('"shop, ""north"""', 'north').split(',');
    return Object.fromEntries(columns.map((column, index) => [column, cells[index]!]));
  });
  expect(new Set(read.map((row) => row.category))).toEqual(new Set(['north', 'search']));

  for (const risk of [0.1, 0.02]) {
    const judged = read.filter((row) => row.actual !== '' && row.p50 !== '');
    const above = judged.filter(
      (row) => Number(row.actual) > Number(row[quantileColumn(1 - risk)]) * (1 + 1e-5),
    );
    const pam = scorecard.policies.find(
      ({ policy, acceptedRisk }) => policy === 'pam' && acceptedRisk === risk,
    )!;
    expect(judged.length).toBeGreaterThan(300);
    expect(above.length / judged.length).toBeCloseTo(pam.realizedQuantileRisk!, 2);
  }
  // Neither the gap nor the last lead window has a peak that is known.
  expect(read.filter((row) => row.actual === '').length).toBeGreaterThan(2);

  const labels = scorecard.windows.filter(({ category }) => category === 'search').map(({ label }) => label);
  expect(labels).toEqual(['worst', 'wasteful', 'typical'].slice(0, labels.length));
});

test('columns are named by what they are', () => {
  expect([0.5, 0.95, 1 - 0.003, 1 - 0.0006].map(quantileColumn)).toEqual(['p50', 'p95', 'p99.7', 'p99.94']);
});
