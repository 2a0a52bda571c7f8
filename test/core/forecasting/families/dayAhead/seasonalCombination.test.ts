import { dayAheadMethods as methods } from '../../../../../core/forecasting/families/dayAhead/dayAheadMethods';
import {
  fitSeasonalCombination,
  SeasonalCombination,
  weightedMedian,
} from '../../../../../core/forecasting/families/dayAhead/seasonalCombination';
import { repetition, type SlotSeries } from '../../../../../core/forecasting/families/dayAhead/seasonalPaths';
import { seededRandom } from '../../../../../core/statistics/random';
import { RidgeSums } from '../../../../../core/statistics/ridge';

const slots = (days: number, at: (day: number, hour: number) => number): SlotSeries => ({
  values: Float64Array.from({ length: 24 * days }, (_, index) => at(Math.floor(index / 24), index % 24)),
  slotsPerDay: 24,
  firstSlot: 0,
});
const wave = (hour: number) => 5 + Math.sin((2 * Math.PI * hour) / 24);
const shareOf = (combination: SeasonalCombination, name: string) =>
  combination.shares().find(({ method }) => method === name)?.share ?? 0;

test('a ridge regression without noise finds the coefficients, and a column of zeros gets none', () => {
  const sums = new RidgeSums(3);
  for (let row = 1; row <= 40; row++) sums.add(Float64Array.of(1, row % 7, 0), 2 - 3 * (row % 7), 1);
  const [constant, slope, nothing] = sums.solve(1e-9);
  expect(constant).toBeCloseTo(2, 4);
  expect(slope).toBeCloseTo(-3, 4);
  expect(nothing).toBe(0);
});

test('the weighted median is the median for equal weights and leans to the heavier side', () => {
  const at = (...pairs: [number, number][]) =>
    weightedMedian(pairs.map(([value, weight]) => ({ value, weight })));
  expect(at([3, 1], [1, 1], [2, 1])).toBe(2);
  expect(at([1, 1], [2, 1])).toBe(1.5);
  expect(at([1, 1], [2, 3])).toBeGreaterThan(1.5);
  expect(at([1, 100], [2, 1], [50, 1])).toBeLessThan(1.6);
  expect(at([7, 1])).toBe(7);
});

test('a pure day is continued exactly, whatever the day of the week', async () => {
  const series = slots(10, (_, hour) => wave(hour));
  const path = (await fitSeasonalCombination(series, 24, methods)).path(series, 24);
  path.forEach((value, hour) => {
    expect(value).toBeCloseTo(wave(hour), 1);
  });
});

test('quiet weekends: what knows the week weighs more than what repeats the day', async () => {
  const series = slots(28, (day, hour) => wave(hour) - (day % 7 >= 5 ? 2 : 0));
  const combination = await fitSeasonalCombination(series, 24, methods);
  expect(shareOf(combination, 'week-again')).toBeGreaterThan(10 * shareOf(combination, 'day-again'));
  // The next day is the first of a week: not as quiet as the last one.
  combination.path(series, 24).forEach((value, hour) => {
    expect(Math.abs(value - wave(hour))).toBeLessThan(0.3);
  });
});

test('the choice is made on the past alone', async () => {
  const random = seededRandom(4);
  const series = slots(24, (_, hour) => wave(hour) + 0.3 * random());
  const cut = 20 * 24;
  const past = { ...series, values: series.values.slice(0, cut) };
  const spoilt = { ...series, values: series.values.map((value, index) => (index < cut ? value : 99)) };
  const seen = { ...spoilt, values: spoilt.values.subarray(0, cut) };
  const [one, other] = [
    await fitSeasonalCombination(past, 24, methods),
    await fitSeasonalCombination(seen, 24, methods),
  ];
  expect(one.shares()).toEqual(other.shares());
  expect(one.path(past, 24)).toEqual(other.path(seen, 24));
});

test('goes on from its stored state, also after the series has gone on', async () => {
  const random = seededRandom(5);
  const series = slots(26, (day, hour) => wave(hour) - (day % 7 >= 5 ? 1 : 0) + 0.2 * random());
  const past = { ...series, values: series.values.subarray(0, 24 * 24) };
  const made = await fitSeasonalCombination(past, 24, methods);
  const loaded = SeasonalCombination.load(JSON.parse(JSON.stringify(made.serialize())), methods);
  for (const bins of [24 * 24, 24 * 24 + 5, 25 * 24]) {
    const later = { ...series, values: series.values.subarray(0, bins) };
    expect(loaded.path(later, 24)).toEqual(made.path(later, 24));
  }
  expect(() => SeasonalCombination.load(made.serialize(), [repetition(1)])).toThrow(
    expect.objectContaining({ code: 'INVALID_DATA' }),
  );
});

const hard: readonly (readonly [string, SlotSeries])[] = [
  ['a constant', slots(21, () => 3)],
  ['nothing but zeros', slots(21, () => 0)],
  [
    'one day and an hour',
    { ...slots(2, (_, hour) => wave(hour)), values: slots(2, () => 4).values.slice(0, 25) },
  ],
  ['a spike of e²⁰', slots(21, (day, hour) => (day === 20 && hour === 5 ? 25 : wave(hour)))],
  ['a shift at the end', slots(21, (day, hour) => wave(hour) + (day === 20 ? 4 : 0))],
];
test.each(hard)('stays within reach of what was seen on %s', async (_, series) => {
  const path = (await fitSeasonalCombination(series, 24, methods)).path(series, 24);
  const [low, high] = [Math.min(...series.values), Math.max(...series.values)];
  for (const value of path) {
    expect(value).toBeGreaterThanOrEqual(low - 0.31 * (high - low) - 1e-9);
    expect(value).toBeLessThanOrEqual(high + 0.31 * (high - low) + 1e-9);
  }
});

test('less than a day is refused with the reason', async () => {
  const series = { ...slots(1, (_, hour) => wave(hour)), values: Float64Array.of(1, 2, 3) };
  await expect(fitSeasonalCombination(series, 24, methods)).rejects.toMatchObject({
    code: 'INVALID_DATA',
    message: expect.stringContaining('0.1'),
  });
});
