import fc from 'fast-check';
import {
  countingReview,
  holdBinsOf,
  holdMsInUse,
  longestHoldBins,
  longestHoldMs,
} from '../../../../core/capacity/hold';
import { defaultScaleDownHoldMs } from '../../../../core/capacity/plan';
import {
  chooseHold,
  distinctHolds,
  type HoldInput,
  holdEvidenceBins,
} from '../../../../core/evaluation/selection/holdChoice';
import type { PeakQuantiles } from '../../../../core/forecasting/peakQuantile';
import { seededRandom } from '../../../../core/statistics/random';

const minute = 60_000;
/** Days of 480 minutes: the replays of a test stay short. */
const clock = { binMs: minute, dayMs: 480 * minute };
const probabilities = [0.5, 0.8, 0.9, 0.94, 0.97, 0.98, 0.99];
const week = holdEvidenceBins(clock);

/** `level`: demand that comes; `expected`: what is forecast for the decision, its quantiles a tenth above it at 99 %. */
function decided(
  bins: number,
  level: (bin: number) => number,
  expected: (bin: number) => number,
): Pick<HoldInput, 'counts' | 'forecasts'> {
  return {
    counts: Float64Array.from({ length: bins }, (_, bin) => level(bin)),
    forecasts: Array.from({ length: bins }, (_, bin) => ({
      probabilities,
      peak: probabilities.map((p) => expected(bin) * (1 + 0.1 * p)),
    })),
  };
}

const rest = { clock, leadBins: 5, risk: 0.01, beforeMs: defaultScaleDownHoldMs };
/** Alternating stretches of `length` bins, high and low. */
const square = (length: number, high: number, low: number) => (bin: number) =>
  Math.floor(bin / length) % 2 === 0 ? high : low;

/** Over the lead window of a decision. */
const peakOf = (level: (bin: number) => number, bin: number) =>
  Math.max(...[0, 1, 2, 3, 4, 5].map((ahead) => level(bin + ahead)));

test('holds that are the same in whole bins are one, and none is longer than what a category remembers', () => {
  expect(distinctHolds(minute)).toEqual([0, 2 * minute, 5 * minute, 10 * minute]);
  expect(distinctHolds(2 * minute)).toEqual([0, 6 * minute, 10 * minute]);
  expect(distinctHolds(5 * minute)).toEqual([0, 10 * minute]);
  expect(distinctHolds(10 * minute)).toEqual([0]);
  for (const binMs of [1_000, 5_000, 10_000])
    for (const holdMs of distinctHolds(binMs))
      expect(holdBinsOf(holdMs, binMs)).toBeLessThanOrEqual(longestHoldBins);
});

test('a hold as set by its owner counts, then what was chosen under the same bins, then the default', () => {
  const auto = { scaleDownHoldMs: 'auto', binMs: minute } as const;
  const review = { holdMs: 0, binMs: minute };
  expect(holdMsInUse({ ...auto, scaleDownHoldMs: 90_000 }, review)).toBe(90_000);
  expect(holdMsInUse(auto, review)).toBe(0);
  expect(holdMsInUse(auto, null)).toBe(defaultScaleDownHoldMs);
  expect(holdMsInUse({ ...auto, binMs: 10_000 }, review)).toBe(defaultScaleDownHoldMs);
  expect(countingReview({ ...auto, scaleDownHoldMs: 90_000 }, review)).toBeNull();
  expect(longestHoldMs(auto)).toBe(10 * minute);
  expect(longestHoldMs({ ...auto, scaleDownHoldMs: 90_000 })).toBe(90_000);
});

test('demand that falls for good is not held: what is held is only waste', () => {
  // Every half hour another level, known ahead.
  const level = square(30, 4_000, 1_000);
  const choice = chooseHold({ ...rest, ...decided(week, level, (bin) => peakOf(level, bin)) })!;
  expect(choice.holdMs).toBe(0);
  expect(choice.decisions).toBe(week);
  const wastes = choice.figures.map(({ waste }) => waste);
  expect(wastes).toEqual([...wastes].sort((a, b) => a - b));
  expect(choice.reason).toMatch(/^over the latest 3360 decisions .* no hold .*, 10 min .* clearly better/);
});

test('a forecast that dips for some minutes again and again is held over, as long as it takes', () => {
  // The demand stays high; every 12 minutes the forecast loses it for 4, and a node takes 5 to come back.
  const dips = (bin: number) => (bin % 12 >= 8 ? 2_000 : 4_000);
  const choice = chooseHold({ ...rest, ...decided(week, () => 4_000, dips) })!;
  expect(choice.holdMs).toBe(10 * minute);
  const [none, , five] = choice.figures;
  expect(none!.waste).toBeGreaterThan(five!.waste);
  expect(none!.changesPerDay).toBeGreaterThan(50);
  expect(choice.figures.at(-1)!.changesPerDay).toBe(0);
  expect(choice.reason).toContain('10 min is the longest');
});

test('what is chosen stays when it is looked at again, and little more waste buys fewer changes', () => {
  const random = seededRandom(3);
  const noise = Array.from({ length: week + 10 }, () => 1 + 0.04 * (random() - 0.5));
  const slow = (bin: number) => 20_000 * (1 + 0.3 * Math.sin((2 * Math.PI * bin) / clock.dayMs));
  const data = decided(
    week,
    (bin) => slow(bin) * noise[bin]!,
    (bin) => slow(bin) * noise[bin]!,
  );
  const first = chooseHold({ ...rest, ...data, beforeMs: 0 })!;
  const waste = (holdMs: number) => first.figures.find((one) => one.holdMs === holdMs)!.waste;
  expect(waste(first.holdMs)).toBeLessThan(1.05 * Math.min(...first.figures.map((one) => one.waste)));
  expect(chooseHold({ ...rest, ...data, beforeMs: first.holdMs })!.holdMs).toBe(first.holdMs);
});

test('a few days of decisions are needed, and a bin as long as every hold leaves nothing to choose', () => {
  const level = square(30, 4_000, 1_000);
  const days = (bins: number) => chooseHold({ ...rest, ...decided(bins, level, level) });
  expect(days(3 * 480 - 1)).toBeNull();
  expect(days(3 * 480)).not.toBeNull();
  expect(days(0)).toBeNull();
  const long = { binMs: 10 * minute, dayMs: 480 * 10 * minute };
  expect(chooseHold({ ...rest, clock: long, ...decided(week, level, level) })).toBeNull();
});

test('only the latest week counts; bins without a decision are not counted, the plan of before stands', () => {
  const level = square(30, 4_000, 1_000);
  const recent = decided(week, level, (bin) => peakOf(level, bin));
  const older = decided(
    480,
    () => 1_000_000,
    () => 10,
  );
  const both = {
    counts: Float64Array.from([...older.counts, ...recent.counts]),
    forecasts: [...older.forecasts, ...recent.forecasts],
  };
  expect(chooseHold({ ...rest, ...both })).toEqual(chooseHold({ ...rest, ...recent }));

  const gaps = recent.forecasts.map((made, bin) => (bin % 7 === 3 ? null : made));
  const choice = chooseHold({ ...rest, counts: recent.counts, forecasts: gaps })!;
  expect(choice.decisions).toBe(gaps.filter((made) => made !== null).length);
  expect(choice.holdMs).toBe(0);
});

test('whatever was decided and came, the choice is one of the holds, with figures of all, and deterministic', () => {
  const step = fc.record({
    bins: fc.integer({ min: 1, max: 60 }),
    count: fc.oneof(
      { arbitrary: fc.constantFrom(Number.NaN, 0), weight: 1 },
      { arbitrary: fc.integer({ min: 1, max: 100_000 }), weight: 9 },
    ),
    known: fc.integer({ min: 0, max: 9 }).map((drawn) => drawn > 0),
    factor: fc.double({ min: 0, max: 3, noNaN: true }),
  });
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 40, maxLength: 120 }),
      fc.constantFrom(0, 120_000, 300_000, 600_000, 180_000),
      fc.constantFrom(0.001, 0.01, 0.2),
      (steps, beforeMs, risk) => {
        const counts = Float64Array.from(steps.flatMap(({ bins, count }) => Array(bins).fill(count)));
        const forecasts = steps.flatMap(({ bins, count, known, factor }): (PeakQuantiles | null)[] =>
          Array(bins).fill(
            known ? { probabilities, peak: probabilities.map((p) => (count || 50) * factor * p) } : null,
          ),
        );
        const input = { ...rest, counts, forecasts, beforeMs, risk };
        const choice = chooseHold(input);
        expect(chooseHold(input)).toEqual(choice);
        const pairs = forecasts
          .slice(-week)
          .filter((made, i) => made && !Number.isNaN(counts.slice(-week)[i]));
        if (choice === null) return expect(pairs.length).toBeLessThan(3 * 480);
        expect(choice.figures.map(({ holdMs }) => holdMs)).toEqual(distinctHolds(minute));
        expect(distinctHolds(minute)).toContain(choice.holdMs);
        for (const { waste, changesPerDay } of choice.figures) {
          expect(waste).toBeGreaterThan(0);
          expect(changesPerDay).toBeGreaterThanOrEqual(0);
        }
      },
    ),
    { numRuns: 40 },
  );
});
