/** What is left out of a measurement is really left out, and a changed demand is changed as it says. */

import { spread } from '../../bench/ablation/markdown';
import { driftVariants, levelFigures, levelVariants } from '../../bench/ablation/parts/driftTests';
import { changed } from '../../bench/ablation/replay/scenarios';
import { wasteOf } from '../../bench/ablation/replay/waste';
import type { DemandSeries } from '../../core/demand/series';
import { driftStatistics } from '../../core/evaluation/drift/driftStatistics';
import { actualOf, peakWindow } from '../../core/forecasting/target';
import { seededRandom } from '../../core/statistics/random';

const binMs = 600_000;
const day = 144;
const random = seededRandom(3);
const series: DemandSeries = {
  clock: { binMs, dayMs: day * binMs },
  startMs: 0,
  counts: Float64Array.from(
    { length: 14 * day },
    (_, bin) => 1_000 * (2 + Math.sin((2 * Math.PI * bin) / day)) * (0.95 + 0.1 * random()),
  ),
};

test('every variant names statistics that there are', () => {
  const names = driftStatistics.map(({ name }) => name);
  for (const start of Object.values(driftVariants).flat())
    expect(names.some((name) => name.startsWith(start))).toBe(true);
});

test('a statistic that is left out alarms no more', () => {
  const found = (variant: string) => levelFigures(series, variant).found['doubled level'].within60;
  expect(found('all tests')).toBeGreaterThan(0);
  expect(found('without level')).toBe(0);
  for (const variant of levelVariants) expect(found(variant)).toBeGreaterThan(0);
});

test('rougher demand leaves the past alone and moves as much about the same level', () => {
  const from = 12 * day;
  const rough = changed(series, from, 'rougher demand', day);
  expect(rough.counts.subarray(0, from)).toEqual(series.counts.subarray(0, from));
  const logs = Array.from({ length: day }, (_, bin) =>
    Math.log(rough.counts[from + bin]! / series.counts[from + bin]!),
  );
  const mean = logs.reduce((sum, value) => sum + value, 0) / day;
  expect(Math.abs(mean)).toBeLessThan(0.05);
  expect(logs.some((value) => value > 0.03) && logs.some((value) => value < -0.03)).toBe(true);
});

test('whoever knows the peak wastes less than whoever asks for half as much again', () => {
  const counts = series.counts.slice(0, 2 * day);
  const peaks = Array.from(counts, (count, bin) => {
    const peak = actualOf(counts, bin, peakWindow(1));
    return Number.isNaN(peak) ? [count, count] : [peak, peak];
  });
  const planned = { counts, peaks, probabilities: [0.5, 0.99], leadBins: 1, binMs };
  const more = { ...planned, peaks: peaks.map((peak) => peak.map((count) => 1.5 * count)) };
  expect(wasteOf(planned)).toBeLessThan(wasteOf(more));
});

test('ratios are told with their range', () => {
  expect(spread([0.5, 2, Number.NaN])).toBe('1.00 (0.50 to 2.00 in 2)');
  expect(spread([])).toBe('–');
});
