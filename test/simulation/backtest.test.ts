/** Backtests: blind to the future, only the model's own forecasts, and figures recomputed by arithmetic of their own. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { runCommandLine } from '../../cli/main';
import { familyNamed } from '../../core/forecasting/families/families';
import { standardProbabilities } from '../../core/forecasting/model';
import { backtest } from '../../simulation/backtest';
import { forecastFigures, rowsOf } from '../../simulation/forecastFigures';
import { overallFigures } from '../../simulation/overallFigures';
import { dailyCounts, traceOf } from './traces';

jest.setTimeout(120_000);

const binMs = 1_800_000;
const day = 48;
const counts = dailyCounts(12 * day, binMs, 3, [9 * day + 10, 9 * day + 20]);
const trace = traceOf(counts, { binMs, fromBin: 9 * day, leadBins: 1 });
const horizonBins = [1, day];
const run = (model: string, judged = trace) =>
  backtest(judged, {
    model,
    familyOf: familyNamed,
    horizonBins,
    probabilities: standardProbabilities,
    seed: 1,
    now: () => 0,
  });

test('what comes after a decision does not move its forecast', async () => {
  const cut = 10 * day + 7;
  const spoilt = {
    ...trace,
    series: { ...trace.series, counts: counts.map((c, bin) => (bin < cut ? c : 9e6)) },
  };
  for (const model of ['day-ahead', 'online-linear']) {
    const [one, other] = [await run(model), await run(model, spoilt)];
    const until = cut - trace.fromBin;
    expect(one.forecasts[until]).not.toBeNull();
    expect(other.forecasts.slice(0, until + 1)).toEqual(one.forecasts.slice(0, until + 1));
  }
});

test('what another family forecast before the first fit is not counted', async () => {
  // Half a day of history: seasonal-naive needs 1.2 days.
  const early = { ...trace, fromBin: day / 2 };
  const { forecasts } = await run('seasonal-naive', early);
  const first = forecasts.findIndex((forecast) => forecast !== null);
  // 240 measured bins are needed in any case.
  expect(first + early.fromBin).toBe(240);
  expect(forecasts.slice(first).every((forecast) => forecast !== null)).toBe(true);
});

test.each(horizonBins)('the figures %d bins ahead are those of plain arithmetic', async (horizon) => {
  const made = await run('seasonal-naive');
  const figures = forecastFigures(made, horizon);
  // Of yesterday and last week the one that misses less where both are known.
  const missed = (back: number) => {
    let sum = 0;
    for (let target = trace.fromBin + day - 1; target < trace.toBin; target++) {
      const all = counts[target]! + counts[target - day]! + counts[target - 7 * day]!;
      if (!Number.isNaN(all)) sum += Math.abs(counts[target]! - counts[target - back]!);
    }
    return sum;
  };
  const back = missed(7 * day) < missed(day) ? 7 * day : day;
  let [own, other, found, below] = [0, 0, 0, 0];
  const losses: number[] = [];
  for (let bin = trace.fromBin; bin < trace.toBin; bin++) {
    const target = bin + horizon - 1;
    const count = target < trace.toBin ? counts[target]! : Number.NaN;
    const rival = horizon === 1 ? counts[bin - 1]! : counts[target - back]!;
    if (Number.isNaN(count + rival)) continue;
    const quantiles = made.forecasts[bin - trace.fromBin]!.horizons[horizonBins.indexOf(horizon)]!;
    own += Math.abs(count - quantiles[0]!);
    other += Math.abs(count - rival);
    losses.push(count > quantiles[1]! ? 0.9 * (count - quantiles[1]!) : 0.1 * (quantiles[1]! - count));
    if (count <= quantiles[1]!) below++;
    found++;
  }
  const mean = losses.reduce((sum, loss) => sum + loss, 0) / found;
  expect(figures.reference).toBe(
    horizon === 1 ? 'last-value' : back === day ? 'same-time-yesterday' : 'same-time-last-week',
  );
  expect(figures.forecasts).toBe(found);
  expect(figures.meanAbsoluteError).toBeCloseTo(own / found, 9);
  expect(figures.errorRatio).toBeCloseTo(own / other, 9);
  expect(figures.quantiles[1]!.loss).toBeCloseTo(mean, 9);
  expect(figures.quantiles[1]!.coverage).toBeCloseTo(below / found, 9);
});

test('the best constant factor of the reference is not beaten by any other', async () => {
  const made = await run('last-value');
  const { quantiles } = forecastFigures(made, 1);
  const rows = rowsOf(made, 1).filter(
    ({ originBin, actual }) => !Number.isNaN(actual + counts[originBin - 1]!),
  );
  for (const { probability, referenceLoss } of quantiles)
    for (let factor = 0.5; factor < 3; factor += 0.01) {
      const loss =
        rows.reduce((sum, { originBin, actual }) => {
          const miss = actual - factor * counts[originBin - 1]!;
          return sum + Math.max(probability * miss, (probability - 1) * miss);
        }, 0) / rows.length;
      expect(referenceLoss!).toBeLessThanOrEqual(loss * (1 + 1e-9));
    }
});

test('categories count in units of their own nodes', async () => {
  const small = forecastFigures(await run('last-value'), 1);
  const large = {
    ...small,
    category: 'large',
    meanAbsoluteError: 300 * small.meanAbsoluteError!,
    referenceError: 100 * small.referenceError!,
  };
  const all = overallFigures([small, large], (category) => (category === 'large' ? 100 : 1))!;
  expect(all.errorRatio).toBeCloseTo(2 * small.errorRatio!, 9);
  expect(all.forecasts).toBe(2 * small.forecasts);
});

describe('pam backtest', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pam-backtest-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const call = async (...args: string[]) => {
    const out = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
    const complaint = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    const code = await runCommandLine(['backtest', ...args]);
    const said = { code, out: out.mock.calls.join(''), complaint: complaint.mock.calls.join('') };
    jest.restoreAllMocks();
    return said;
  };
  const file = join(folder, 'demand.csv.gz');
  const lines = [...counts].flatMap((count, bin) =>
    Number.isNaN(count)
      ? []
      : [`${new Date(Date.UTC(2024, 0, 1) + bin * binMs).toISOString()},"a,b",${count}`],
  );
  writeFileSync(file, gzipSync(`timestamp_iso,category,count\n${lines.join('\n')}\n`));

  test.each([
    [['--trace', '/nowhere.csv'], 66, '/nowhere.csv'],
    [['--trace', file, '--horizon', '5x'], 64, '--horizon "5x"'],
    [['--trace', file, '--horizon', '5m,0'], 64, 'such as 5m or 1d'],
    [['--trace', file, '--models', 'boosted,oracle'], 64, 'day-ahead'],
    [['--trace', file, '--models', ','], 64, 'all'],
    [['--trace', file, '--from', '2030-01-01'], 64, '2024-01-01'],
  ])('%j is refused with %d and what would be right', async (args, code, said) => {
    const answer = await call(...args);
    expect(answer.code).toBe(code);
    expect(answer.complaint).toContain(said);
  });

  test('writes a row a forecast, from which the figures follow', async () => {
    const out = join(folder, 'judged');
    const { code, out: json } = await call(
      ...['--trace', file, '--from', '2024-01-10', '--horizon', '5m,1d', '--models', 'seasonal-naive'],
      ...['--out', out, '--json'],
    );
    expect(code).toBe(0);
    const [header, ...rows] = readFileSync(join(out, 'forecasts.csv'), 'utf8').trim().split('\n');
    expect(header).toBe('origin,target,category,model,p50,p90,p95,p99,actual');
    expect(rows).toHaveLength(3 * day + (2 * day + 1));
    let [error, judged] = [0, 0];
    for (const row of rows) {
      const [origin, target, rest] = row.split(/,(?=\d{4}-)|,(?=")/) as [string, string, string];
      if (origin !== target) continue;
      expect(rest.startsWith('"a,b",seasonal-naive,')).toBe(true);
      const [p50, , , , actual] = rest.slice('"a,b",seasonal-naive,'.length).split(',');
      const before = counts[Math.round((Date.parse(origin) - Date.UTC(2024, 0, 1)) / binMs) - 1]!;
      if (actual === '' || Number.isNaN(before)) continue;
      error += Math.abs(Number(actual) - Number(p50));
      judged++;
    }
    const figures = JSON.parse(json);
    expect(figures).toEqual(JSON.parse(readFileSync(join(out, 'figures.json'), 'utf8')));
    expect(figures.traces[0].categories[0]).toMatchObject({ category: 'a,b', forecasts: judged });
    expect(figures.traces[0].categories[0].meanAbsoluteError).toBeCloseTo(error / judged, 4);
  });
});
