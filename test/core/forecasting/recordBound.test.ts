import { sliceSeries } from '../../../core/demand/series';
import { familyNamed } from '../../../core/forecasting/families';
import { seriesOf, simulate, startMs } from './simulated';

const binMs = 300_000;

test('a quantile goes beyond the highest demand ever by more only where the risk is that of a record', async () => {
  const days = 10;
  const quiet = simulate({ days, noise: 0.05, seed: 4 });
  // Jumps out of the blue, of which the last has just begun: the tail of the scores then reaches far beyond everything seen.
  const series = seriesOf(
    quiet.counts.map((count, index) => (index % 97 < 2 && index % 5 < 3 ? 8 * count : count)),
  );
  const model = await familyNamed('online-linear').fit(
    series,
    { events: [] },
    { leadBins: 3, horizonBins: [1], seed: 1 },
  );
  const risks = [0.01, 0.003, 0.0003, 0.00003];
  const now = startMs + series.counts.length * binMs;
  const { peak } = model.forecast(
    sliceSeries(series, now - model.contextBins * binMs, now),
    { leadBins: 3, horizonBins: [1], probabilities: risks.map((risk) => 1 - risk) },
    { events: [] },
  );
  const usual = Math.max(...series.counts) * Math.exp(0.1 + 1 / days);
  expect(peak[0]).toBeLessThan(usual);
  expect(peak[1]! / usual).toBeCloseTo(1, 2);
  expect(peak[2]! / usual).toBeCloseTo(2, 2);
  expect(peak[3]! / usual).toBeCloseTo(4, 2);
});
