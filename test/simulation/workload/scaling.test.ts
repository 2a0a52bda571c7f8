import fc from 'fast-check';
import { seededRandom } from '../../../core/statistics/random';
import { arrivalOffsets, peakFactor, wholeCounts } from '../../../simulation/workload/scaling';

test('scaling loses no request: the running sum stays within one request of the scaled one', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 1e5, noNaN: true }), { minLength: 1, maxLength: 200 }),
      fc.double({ min: 1e-4, max: 3, noNaN: true }),
      (counts, factor) => {
        let exact = 0;
        let sent = 0;
        wholeCounts(counts, factor).forEach((whole, index) => {
          expect(Number.isInteger(whole) && whole >= 0).toBe(true);
          exact += (counts[index] ?? 0) * factor;
          sent += whole;
          expect(Math.abs(sent - exact)).toBeLessThan(1);
        });
      },
    ),
  );
});

test('a missing bin sends nothing and does not disturb the others', () => {
  expect(wholeCounts([10, Number.NaN, 10], 0.25)).toEqual([3, 0, 2]);
});

test('the peak becomes the asked-for rate, and a window without demand is refused', () => {
  expect(peakFactor([2, Number.NaN, 8], 180) * 8).toBe(180);
  expect(() => peakFactor([0, Number.NaN], 180)).toThrow('no requests');
});

test.each(['even', 'poisson'] as const)('%s arrivals are all within the bin, in order', (spread) => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 400 }), fc.nat(), (count, seed) => {
      const offsets = arrivalOffsets(count, 3_000, spread, seededRandom(seed));
      expect(offsets).toHaveLength(count);
      expect(offsets.every((offset) => offset >= 0 && offset < 3_000)).toBe(true);
      expect([...offsets].sort((a, b) => a - b)).toEqual(offsets);
    }),
  );
});

test('even arrivals leave no half of the bin empty', () => {
  const offsets = arrivalOffsets(100, 1_000, 'even', seededRandom(4));
  expect(offsets.filter((offset) => offset < 500)).toHaveLength(50);
});
