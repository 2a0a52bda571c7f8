import type { DemandEvent } from '../../../../../core/events/event';
import { lastValueFamily } from '../../../../../core/forecasting/families/naive/lastValue';

const binMs = 60_000;
const startMs = Date.UTC(2026, 2, 2);
const clock = { binMs, dayMs: 86_400_000 };
const query = { horizonBins: [1, 5], leadBins: 5, probabilities: [0.5, 0.99] };
const sale = (fromBin: number, bins: number, expectedUplift?: number): DemandEvent => ({
  id: 'sale',
  kind: 'sale',
  title: 'Sale',
  startMs: startMs + fromBin * binMs,
  endMs: startMs + (fromBin + bins) * binMs,
  source: 'signal',
  ...(expectedUplift === undefined ? {} : { expectedUplift }),
});

/** Steady demand of 100 with a slight wave, `level` from bin 60 on. */
async function forecast(bins: number, level: number, events: readonly DemandEvent[]) {
  const counts = Float64Array.from(
    { length: bins },
    (_, bin) => (bin < 60 ? 100 : level) * (1 + 0.02 * Math.sin(bin)),
  );
  const recent = { startMs, clock, counts };
  const model = await lastValueFamily.fit(recent, { events }, { ...query, seed: 1 });
  const { horizons, peak } = model.forecast(recent, query, { events });
  return { next: horizons[0]![0]!, fifth: horizons[1]![0]!, peak: peak[1]! };
}

test('a stated uplift counts before any model: in the bins it touches, and in the peak', async () => {
  const without = await forecast(60, 100, []);
  const announced = await forecast(60, 100, [sale(62, 60, 3)]);
  expect(announced.next).toBeCloseTo(without.next, 9);
  expect(announced.fifth / without.fifth).toBeCloseTo(3, 9);
  expect(announced.peak / without.peak).toBeCloseTo(3, 9);
});

test('what has come of it is not expected twice, and goes when the event ends', async () => {
  const during = await forecast(70, 300, [sale(60, 60, 3)]);
  expect(during.fifth).toBeGreaterThan(250);
  expect(during.fifth).toBeLessThan(380);
  const ending = await forecast(70, 300, [sale(60, 12, 3)]);
  expect(ending.fifth / during.fifth).toBeCloseTo(1 / 3, 1);
});

test('an event that states nothing changes nothing: this family learns no effects', async () => {
  expect(await forecast(60, 100, [sale(62, 60)])).toEqual(await forecast(60, 100, []));
});
