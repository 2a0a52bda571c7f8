import { familyNamed } from '../../../core/forecasting/families/families';
import { peakAtRisk } from '../../../core/forecasting/peakQuantile';
import { actualOf, peakWindow } from '../../../core/forecasting/target';
import {
  heavyTailedQuantile,
  predictiveQuantile,
  quantileOf,
  selectInPlace,
} from '../../../core/statistics/orderStatistics';
import { seededRandom } from '../../../core/statistics/random';
import { bestFactor, coverage, pinball } from '../../../core/statistics/scoring';

test('pinball loss charges a miss by the probability and an excess by the rest', () => {
  expect(pinball(10, 8, 0.9)).toBeCloseTo(1.8);
  expect(pinball(8, 10, 0.9)).toBeCloseTo(0.2);
  expect(coverage([1, 2, 3, 4], [1, 1, 5, 5])).toBe(0.75);
});

test('the best constant factor beats every other one', () => {
  const random = seededRandom(2);
  const lasts = Array.from({ length: 400 }, () => 10 + 90 * random());
  const actuals = lasts.map((last) => last * (0.8 + 0.9 * random()));
  const lossOf = (factor: number) =>
    actuals.reduce((sum, actual, index) => sum + pinball(actual, factor * lasts[index]!, 0.95), 0);
  const best = lossOf(bestFactor(actuals, lasts, 0.95));
  for (let factor = 0.5; factor < 2.5; factor += 0.003)
    expect(lossOf(factor)).toBeGreaterThanOrEqual(best - 1e-9);
});

test('a peak is known when at least half of its window was measured', () => {
  const counts = Float64Array.from([1, Number.NaN, 7, Number.NaN, Number.NaN, Number.NaN, 2]);
  expect(actualOf(counts, 0, peakWindow(2))).toBe(7);
  expect(actualOf(counts, 3, peakWindow(2))).toBeNaN();
  expect(actualOf(counts, 5, peakWindow(2))).toBeNaN();
});

test('the peak at a risk is exact where it was asked for, between its neighbours else, and goes on outward', () => {
  const probabilities = [0.5, 0.9, 0.99];
  const forecast = { probabilities, peak: [100, 150, 200] };
  expect(peakAtRisk(forecast, 0.1)).toBe(150);
  expect(peakAtRisk(forecast, 1 - 0.99)).toBe(200);
  const between = peakAtRisk(forecast, 0.03);
  expect(between).toBeGreaterThan(150);
  expect(between).toBeLessThan(200);
  expect(peakAtRisk(forecast, 0.001)).toBeCloseTo(250, 6);
  expect(peakAtRisk({ probabilities: [0.9, 0.99], peak: [0, 30] }, 0.5)).toBe(0);
});

test('a predictive quantile is exceeded as often as asked, even beyond the sample', () => {
  const random = seededRandom(9);
  const exponential = () => -Math.log(1 - random());
  for (const probability of [0.5, 0.9, 0.99, 0.999]) {
    let missed = 0;
    const times = 4_000;
    for (let time = 0; time < times; time++) {
      const sorted = Float64Array.from({ length: 100 }, exponential).sort();
      if (exponential() > predictiveQuantile(sorted, probability)) missed++;
    }
    expect(missed / times / (1 - probability)).toBeGreaterThan(probability > 0.995 ? 0.2 : 0.6);
    expect(missed / times / (1 - probability)).toBeLessThan(probability > 0.995 ? 4 : 1.4);
  }
});

test('with a heavy tail, too, a quantile far beyond the sample is exceeded about as often as asked', () => {
  const random = seededRandom(5);
  // A power law; the exact chance of a value above x is x^(−2.5).
  const heavy = () => (1 - random()) ** -0.4;
  const realized = (size: number, probability: number, quantile: typeof predictiveQuantile) => {
    let missed = 0;
    const times = 2_000;
    for (let time = 0; time < times; time++)
      missed += quantile(Float64Array.from({ length: size }, heavy).sort(), probability) ** -2.5;
    return missed / times / (1 - probability);
  };
  for (const probability of [0.9, 0.99, 0.997, 0.999]) {
    expect(realized(500, probability, heavyTailedQuantile)).toBeGreaterThan(0.8);
    expect(realized(500, probability, heavyTailedQuantile)).toBeLessThan(1.4);
  }
  expect(realized(100, 0.999, heavyTailedQuantile)).toBeLessThan(
    0.7 * realized(100, 0.999, predictiveQuantile),
  );
});

test('quantiles of a heavy tail never fall with the probability, also for few values and below zero', () => {
  const random = seededRandom(6);
  for (const size of [1, 3, 20, 150, 900])
    for (const shift of [0, 2]) {
      const sorted = Float64Array.from({ length: size }, () => (1 - random()) ** -0.4 - shift).sort();
      let before = Number.NEGATIVE_INFINITY;
      for (let probability = 0.01; probability < 0.9999; probability += 0.0007) {
        const limit = heavyTailedQuantile(sorted, probability);
        expect(limit).toBeGreaterThanOrEqual(before - 1e-12);
        before = limit;
      }
    }
});

test('selection agrees with sorting', () => {
  const random = seededRandom(4);
  const values = Float64Array.from({ length: 501 }, () => Math.floor(50 * random()));
  const sorted = values.slice().sort();
  for (const rank of [0, 1, 250, 499, 500])
    expect(selectInPlace(values.slice(), 501, rank)).toBe(sorted[rank]);
  expect(quantileOf(values, 0.5)).toBe(sorted[250]);
});

test('an unknown family is refused with the names of those that are known', () => {
  expect(() => familyNamed('oracle')).toThrow(/oracle.*last-value.*boosted/);
});
