import { sliceSeries } from '../../../../core/demand/series';
import { replayThrough, succeeding } from '../../../../core/forecasting/calibration/successor';
import { familyNamed } from '../../../../core/forecasting/families/families';
import type { FittedModel, Json } from '../../../../core/forecasting/model';
import { seededRandom } from '../../../../core/statistics/random';
import { dayMs, simulate, startMs } from '../simulated';

const options = { leadBins: 1, horizonBins: [1], seed: 1 };
const context = { events: [] };
const query = { ...options, probabilities: [0.5, 0.9, 0.99, 0.997] };

/** Two weeks; from the sixth day to the ninth one bin in fifty, at random, is a burst that nothing announces. */
function burstyThenCalm() {
  const calm = simulate({ days: 14, noise: 0.05 });
  const random = seededRandom(7);
  const counts = calm.counts.map((count, index) =>
    index >= 5 * 288 && index < 9 * 288 && random() < 0.02 ? 3 * count : count,
  );
  return { ...calm, counts };
}

const series = burstyThenCalm();
const before = (day: number) => sliceSeries(series, startMs, startMs + day * dayMs);
const days = (from: number, to: number) => ({ fromMs: startMs + from * dayMs, toMs: startMs + to * dayMs });
const calibrations = (model: FittedModel) =>
  (model.serialize() as { targets: { calibration: Json }[] }).targets.map(({ calibration }) => calibration);
const peakOf = (model: FittedModel) =>
  model.forecast(
    sliceSeries(series, startMs + 14 * dayMs - model.contextBins * 300_000, startMs + 14 * dayMs),
    query,
    context,
  ).peak;

async function servedAndFitted(name: string) {
  const family = familyNamed(name);
  const served = await family.fit(before(5), context, options);
  replayThrough(served, series, context, options, days(5, 14));
  return { served, fitted: await family.fit(before(14), context, options), family };
}

test.each(['boosted', 'online-linear', 'seasonal-naive'])(
  '"%s" fitted anew keeps in mind what the model before it met in service, and stores it',
  async (name) => {
    const { served, fitted, family } = await servedAndFitted(name);
    const own = calibrations(fitted);
    const median = peakOf(fitted)[0]!;
    const heir = succeeding(fitted, served);
    expect(calibrations(heir)).toEqual(calibrations(served));
    expect(calibrations(heir)).not.toEqual(own);
    // The centre is that of its own fit: what is taken over are errors, not forecasts.
    const loaded = family.load(JSON.parse(JSON.stringify(heir.serialize())));
    expect(peakOf(loaded)).toEqual(peakOf(heir));
    expect(Math.abs(Math.log(peakOf(heir)[0]! / median))).toBeLessThan(0.05);
  },
);

test('a fit that only calm days are held out from knows of bursts by its predecessor', async () => {
  const { served, fitted } = await servedAndFitted('boosted');
  const alone = peakOf(fitted)[3]!;
  expect(peakOf(succeeding(fitted, served))[3]!).toBeGreaterThan(1.1 * alone);
});

test('errors of another family are in other units and are left', async () => {
  const { fitted } = await servedAndFitted('boosted');
  const { served } = await servedAndFitted('online-linear');
  const own = calibrations(fitted);
  expect(calibrations(succeeding(fitted, served))).toEqual(own);
  expect(calibrations(succeeding(fitted, null))).toEqual(own);
});

test('a model is replayed through each decision of its service once, not beyond the history', async () => {
  const asked: number[] = [];
  const model: FittedModel = {
    family: 'spy',
    contextBins: 10,
    forecast: (recent) => {
      asked.push((recent.startMs + recent.counts.length * 300_000 - startMs) / 300_000);
      return { originMs: 0, horizons: [], peak: [] };
    },
    serialize: () => null,
  };
  replayThrough(model, before(2), context, options, days(1, 9));
  expect(asked).toEqual(Array.from({ length: 288 }, (_, index) => 288 + index));
});
