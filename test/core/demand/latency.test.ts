/** Late requests and percentiles from a histogram. */
import { countUpTo, meanLatency, percentile } from '../../../core/demand/latency';

const histogram = { boundsMs: [10, 100, 500, 1_000], cumulative: [10, 60, 90, 100] };

test('requests up to an objective, on a bound and between two', () => {
  expect(countUpTo(histogram, 500)).toBe(90);
  expect(countUpTo(histogram, 55)).toBeCloseTo(35);
  expect(countUpTo(histogram, 5)).toBeCloseTo(5);
  expect(countUpTo(histogram, 60_000)).toBe(100);
});

test('percentiles and mean', () => {
  expect(percentile(histogram, 0.5)).toBeCloseTo(82);
  expect(percentile(histogram, 0.9)).toBe(500);
  expect(percentile(histogram, 1)).toBe(1_000);
  expect(meanLatency(histogram)).toBeCloseTo((10 * 5 + 50 * 55 + 30 * 300 + 10 * 750) / 100);
});

test('without requests there is no latency', () => {
  const empty = { boundsMs: [10, 100], cumulative: [0, 0] };
  expect(percentile(empty, 0.99)).toBeNull();
  expect(meanLatency(empty)).toBeNull();
  expect(countUpTo(empty, 50)).toBe(0);
});
