/** Scores of forecasts: what counts as an outcome, and figures that a person can check by hand. */
import {
  type ForecastTarget,
  figuresOf,
  scoreTarget,
  sumsOf,
} from '../../../../core/evaluation/accuracy/accuracy';

const clock = { binMs: 60_000, dayMs: 86_400_000 };
const origin = 1_000 * clock.binMs;

/** 100 bins of 10, 12, 10, 12 … before the decision, then `after`. */
function series(after: readonly number[]) {
  const before = Array.from({ length: 100 }, (_, index) => (index % 2 === 0 ? 10 : 12));
  return { clock, startMs: origin - 100 * clock.binMs, counts: Float64Array.from([...before, ...after]) };
}

const target = (more: Partial<ForecastTarget> = {}): ForecastTarget => ({
  forecastId: 'f',
  modelId: 'm',
  family: 'boosted',
  originMs: origin,
  horizonBins: 0,
  leadBins: 2,
  probabilities: [0.5, 0.9, 0.99],
  quantiles: [11, 13, 20],
  ...more,
});

test('the peak is judged over its whole window, a horizon by its own bin', async () => {
  const peak = await scoreTarget(target(), series([10, 30, 10]), 0.01);
  // Pinball of 30: 0.5 · 19, 0.9 · 17, 0.99 · 10.
  expect(peak).toMatchObject({ actual: 30, last: 12, median: 11, upper: 20 });
  expect(peak?.loss).toBeCloseTo((9.5 + 15.3 + 9.9) / 3);
  expect(peak?.upperLoss).toBeCloseTo(9.9);
  const ahead = await scoreTarget(target({ horizonBins: 2 }), series([10, 30, 10]), 0.01);
  expect(ahead?.actual).toBe(30);
});

test('an outcome that is not known yet is not judged: a late bin is waited for, a lost one is not', async () => {
  expect(await scoreTarget(target(), series([10, 30]), 0.01)).toBeNull();
  expect(await scoreTarget(target(), series([10, 30, Number.NaN]), 0.01)).toBeNull();
  expect((await scoreTarget(target(), series([10, 30, Number.NaN, 9, 9, 9]), 0.01))?.actual).toBe(30);
  const lost = series([10, Number.NaN, Number.NaN, 9, 9, 9]);
  expect(await scoreTarget(target(), lost, 0.01)).toBeNull();
});

test('the rival is the last value with what followed it: a perfect forecast beats it, a wild one loses', async () => {
  const after = [10, 12, 10];
  const good = await scoreTarget(target({ quantiles: [12, 12, 12] }), series(after), 0.01);
  expect(good?.loss).toBe(0);
  expect(good?.baselineLoss).toBeGreaterThanOrEqual(0);
  const wild = await scoreTarget(target({ quantiles: [40, 50, 60] }), series(after), 0.01);
  expect(wild?.loss).toBeGreaterThan(5 * (wild?.baselineLoss ?? Number.NaN));
  // Without enough bins before there is no rival, and the ratio is not made up.
  const short = { ...series(after), startMs: origin - 2 * clock.binMs };
  const young = { ...short, counts: short.counts.subarray(98) };
  const alone = await scoreTarget(target(), young, 0.01);
  expect(alone?.baselineLoss).toBeNull();
  expect(figuresOf(sumsOf([alone!])).lossRatio).toBeNull();
});

test('figures: error against the last value, coverage against the accepted one, bias', async () => {
  const scores = [];
  for (const after of [
    [10, 12, 11],
    [10, 30, 10],
    [10, 12, Number.NaN, 9, 9, 9],
    [12, 11, 10],
  ])
    scores.push((await scoreTarget(target(), series(after), 0.1))!);
  const figures = figuresOf(sumsOf(scores));
  // Peaks 12, 30, 12, 12; medians 11; last 12; upper 13.
  expect(figures).toMatchObject({ scores: 4, coverage: 0.75, acceptedCoverage: 0.9 });
  expect(figures.relativeError).toBeCloseTo((1 + 19 + 1 + 1) / 18);
  expect(figures.bias).toBeCloseTo(44 / 66 - 1);
  expect(figuresOf(sumsOf([])).relativeError).toBeNull();
});
