import { seriesEndMs, sliceSeries } from '../../../../../core/demand/series';
import { dayAheadFamily, dayAheadPath } from '../../../../../core/forecasting/families/dayAhead/dayAhead';
import { seededRandom } from '../../../../../core/statistics/random';
import { dayMs, seriesOf, startMs } from '../../simulated';

const hourMs = 3_600_000;
const random = seededRandom(8);
/** Every day has a size of its own, which no other day tells. */
const sizes = Array.from({ length: 13 }, () => 0.6 + 0.8 * random());
const hourly = seriesOf(
  Float64Array.from(
    { length: 13 * 24 },
    (_, hour) => sizes[Math.floor(hour / 24)]! * (1_000 + 600 * Math.sin((2 * Math.PI * hour) / 24)),
  ),
  hourMs,
);
const none = { events: [] };
const horizonBins = Array.from({ length: 24 }, (_, step) => step + 1);

test('the median hours ahead is the path: some days that were all off one way are no bias', async () => {
  const history = sliceSeries(hourly, startMs, startMs + 12 * dayMs);
  const path = await dayAheadPath(history, 24);
  const model = await dayAheadFamily.fit(history, none, { leadBins: 1, horizonBins, seed: 1 });
  const { horizons } = model.forecast(history, { leadBins: 1, horizonBins, probabilities: [0.5] }, none);
  for (let step = 6; step < 24; step++) expect(horizons[step]![0]! / path[step]!).toBeCloseTo(1, 1);
});

test('bins of minutes follow the hours between which they lie', async () => {
  const minutes = seriesOf(
    Float64Array.from({ length: 12 * 288 }, (_, bin) => 50 + 30 * Math.sin((2 * Math.PI * bin) / 288)),
  );
  const ahead = Array.from({ length: 288 }, (_, bin) => bin + 1);
  const model = await dayAheadFamily.fit(minutes, none, { leadBins: 1, horizonBins: [1, 288], seed: 1 });
  for (const cut of [12 * 288, 12 * 288 - 5]) {
    // Also between two whole hours.
    const recent = sliceSeries(minutes, startMs, startMs + cut * 300_000);
    expect(seriesEndMs(recent)).toBe(startMs + cut * 300_000);
    const { horizons } = model.forecast(
      recent,
      { leadBins: 1, horizonBins: ahead, probabilities: [0.5] },
      none,
    );
    horizons.forEach(([median], bin) => {
      const due = 50 + 30 * Math.sin((2 * Math.PI * (cut + bin)) / 288);
      expect(Math.abs(median! - due)).toBeLessThan(3);
    });
  }
});

test('a path is of hours: finer bins are refused', async () => {
  await expect(dayAheadPath(seriesOf(new Float64Array(2_000)), 24)).rejects.toMatchObject({
    code: 'INVALID_INPUT',
  });
});
