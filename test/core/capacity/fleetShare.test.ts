/** Sharing a scarce fleet: what is promised holds for any wishes, and nodes go where they save the most. */
import fc from 'fast-check';
import { exceedance, servedByNode } from '../../../core/capacity/demandTail';
import { type FleetWish, grantFromFleet, shareFleet } from '../../../core/capacity/fleetShare';
import type { PeakQuantiles } from '../../../core/forecasting/peakQuantile';

const tail: fc.Arbitrary<PeakQuantiles> = fc
  .tuple(
    fc.uniqueArray(fc.integer({ min: 1, max: 999 }), { minLength: 1, maxLength: 5 }),
    fc.array(fc.double({ min: 0, max: 500, noNaN: true }), { minLength: 5, maxLength: 5 }),
  )
  .map(([probabilities, steps]) => {
    let count = 0;
    return {
      probabilities: probabilities.sort((a, b) => a - b).map((probability) => probability / 1_000),
      peak: probabilities.map((_, index) => {
        count += steps[index]!;
        return count;
      }),
    };
  });

const wishes: fc.Arbitrary<FleetWish[]> = fc
  .array(
    fc.record({
      wish: fc.integer({ min: 0, max: 60 }),
      low: fc.integer({ min: 0, max: 5 }),
      weight: fc.double({ min: 0.1, max: 20, noNaN: true }),
      requestsPerNodeBin: fc.double({ min: 0.5, max: 200, noNaN: true }),
      demand: fc.oneof(tail, fc.constant({ probabilities: [], peak: [] })),
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map((all) =>
    all.map(({ low, ...wish }, index) => ({ ...wish, category: `c${index}`, min: Math.min(low, wish.wish) })),
  );

const sum = (numbers: Iterable<number>) => [...numbers].reduce((total, nodes) => total + nodes, 0);

test('the probability of exceeding a count goes down from 1 and meets the given quantiles', () => {
  fc.assert(
    fc.property(tail, fc.double({ min: 0, max: 5_000, noNaN: true }), (points, count) => {
      expect(exceedance(points, count + 1)).toBeLessThanOrEqual(exceedance(points, count) + 1e-12);
      const [first, ...others] = points.peak;
      // Of quantiles that coincide only one can be met.
      const alone = others.every((other) => other > first!);
      if (others.length > 0 && alone && first! > 0)
        expect(exceedance(points, first!)).toBeCloseTo(1 - points.probabilities[0]!, 9);
    }),
  );
});

test('an exponential demand is served as its integral says', () => {
  const mean = 100;
  const probabilities = [0.5, 0.9, 0.99];
  const points = { probabilities, peak: probabilities.map((p) => -mean * Math.log(1 - p)) };
  for (const nth of [1, 3, 8]) {
    const exact = mean * (Math.exp(-((nth - 1) * 50) / mean) - Math.exp(-(nth * 50) / mean));
    expect(servedByNode(points, 50, nth, 16) / exact).toBeCloseTo(1, 3);
  }
});

test('everyone gets the wish where it fits, else the budget is used up and no minimum is touched', () => {
  fc.assert(
    fc.property(wishes, fc.integer({ min: 0, max: 200 }), (all, maximum) => {
      const shares = shareFleet(all, maximum);
      for (const { category, wish, min } of all) {
        expect(shares.get(category)).toBeGreaterThanOrEqual(min);
        expect(shares.get(category)).toBeLessThanOrEqual(Math.max(wish, min));
      }
      const minima = sum(all.map(({ min }) => min));
      const wished = sum(all.map(({ wish }) => wish));
      expect(sum(shares.values())).toBe(Math.max(minima, Math.min(maximum, wished)));
    }),
  );
});

test('no node would save more elsewhere: the shares are the best of all', () => {
  const worth = (all: readonly FleetWish[], shares: ReadonlyMap<string, number>) =>
    sum(
      all.map(({ category, weight, demand, requestsPerNodeBin }) => {
        let saved = 0;
        for (let nth = 1; nth <= shares.get(category)!; nth++)
          saved += weight * servedByNode(demand, requestsPerNodeBin, nth);
        return saved;
      }),
    );
  fc.assert(
    fc.property(wishes, fc.integer({ min: 1, max: 60 }), (all, maximum) => {
      const shares = shareFleet(all, maximum);
      const best = worth(all, shares);
      for (const from of all)
        for (const to of all) {
          const moved = new Map(shares);
          if (from === to || moved.get(from.category)! <= from.min || moved.get(to.category)! >= to.wish)
            continue;
          moved.set(from.category, moved.get(from.category)! - 1);
          moved.set(to.category, moved.get(to.category)! + 1);
          expect(worth(all, moved)).toBeLessThanOrEqual(best * (1 + 1e-9) + 1e-9);
        }
    }),
    { numRuns: 60 },
  );
});

test('whatever the order of asking, grants stay within the budget and settle on the shares', () => {
  fc.assert(
    fc.property(
      wishes,
      fc.integer({ min: 0, max: 100 }),
      fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 12 }),
      (all, maximum, order) => {
        const granted = new Map(all.map(({ category }) => [category, 0]));
        const ask = (own: FleetWish) => {
          const others = all
            .filter((other) => other !== own)
            .map((other) => ({ ...other, granted: granted.get(other.category)! }));
          granted.set(own.category, grantFromFleet(own, others, maximum).granted);
        };
        const minima = sum(all.map(({ min }) => min));
        for (const index of order) {
          ask(all[index % all.length]!);
          expect(sum(granted.values())).toBeLessThanOrEqual(Math.max(maximum, maximum + minima));
        }
        for (let round = 0; round < 2; round++) for (const own of all) ask(own);
        expect(Object.fromEntries(granted)).toEqual(Object.fromEntries(shareFleet(all, maximum)));
      },
    ),
  );
});
