/** When another category's model is taken, kept and left. */
import fc from 'fast-check';
import type { DemandSeries } from '../../../core/demand/series';
import { lastValueFamily } from '../../../core/forecasting/families/naive/lastValue';
import type { FittedModel } from '../../../core/forecasting/model';
import { actualOf, peakWindow } from '../../../core/forecasting/target';
import { baselineForecasts, chooseBorrowed, scoreBorrowed } from '../../../core/serving/borrowing';

const binMs = 60_000;
const clock = { binMs, dayMs: 1_440 * binMs };
const query = { horizonBins: [5], leadBins: 5, probabilities: [0.5, 0.9, 0.99] };
const counts = Float64Array.from({ length: 120 }, (_, bin) => 100 + bin + 10 * Math.sin(bin * 1.7));
const recent = { clock, startMs: 0, counts };

/** Foresees the peak with an error of a factor. */
function foreseeing(factor: number): FittedModel {
  return {
    family: 'foreseeing',
    contextBins: 1,
    serialize: () => null,
    forecast: (past) => {
      const actual = actualOf(counts, past.counts.length, peakWindow(query.leadBins));
      const peak = Number.isNaN(actual) ? 0 : actual * factor;
      return { originMs: 0, horizons: [[peak, peak, peak]], peak: [peak, peak, peak] };
    },
  };
}
async function judge(model: FittedModel, series: DemandSeries = recent) {
  const context = { events: [] };
  return scoreBorrowed(model, series, await baselineForecasts(series, query, context), query, context);
}
const ratioOf = async (factor: number) => (await judge(foreseeing(factor)))?.ratio ?? Number.NaN;

test('a model is compared on decided forecasts only, and one that foresees wins over one that is off', async () => {
  const figures = await judge(foreseeing(1));
  expect(figures?.ratio).toBeLessThan(0.05);
  // 3 bins until the baseline can answer, and the last 5 peaks are not known yet.
  expect(figures?.decisions).toBe(120 - 2 - 6);
  expect(await ratioOf(1.05)).toBeLessThan(await ratioOf(1.5));
  expect(await ratioOf(0.5)).toBeGreaterThan(1);
});

test('the baseline against itself is no better than itself', async () => {
  const baseline: FittedModel = {
    ...foreseeing(1),
    forecast: (past, asked, context) => {
      const model = lastValueFamily.load({
        ...({ family: 'last-value', version: 1 } as const),
        offset: 1,
        lastLog: 0,
        residuals: new Array(10).fill(0),
      });
      return model.forecast(past, asked, context);
    },
  };
  const figures = await judge(baseline);
  expect(chooseBorrowed([{ id: 'same', figures: figures! }], null)).toBeNull();
});

test('with too few decisions nothing is judged', async () => {
  const short = { ...recent, counts: counts.slice(0, 35) };
  expect(await judge(foreseeing(1), short)).toBeNull();
});

test('one in use stays while it is not worse than the last value; another must be clearly better', () => {
  const judged = (id: string, ratio: number) => ({ id, figures: { ratio, decisions: 100 } });
  expect(chooseBorrowed([], 'a')).toBeNull();
  expect(chooseBorrowed([judged('a', 0.95)], null)).toBeNull();
  expect(chooseBorrowed([judged('a', 0.95)], 'a')?.id).toBe('a');
  expect(chooseBorrowed([judged('a', 1.01)], 'a')).toBeNull();
  fc.assert(
    fc.property(
      fc.double({ min: 0.1, max: 2, noNaN: true }),
      fc.double({ min: 0.1, max: 0.99, noNaN: true }),
      (other, used) => {
        const chosen = chooseBorrowed([judged('b', other), judged('a', used)], 'a')?.id;
        expect(chosen).toBe(other < 0.9 * used ? 'b' : 'a');
      },
    ),
  );
});
