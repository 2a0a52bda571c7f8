/** An event that does not happen, for every family: what it adds is gone soon after its start, and nothing is missing at its end. */
import { sliceSeries } from '../../../../core/demand/series';
import type { DemandEvent } from '../../../../core/events/event';
import { simulate } from '../simulated';
import { families } from '../standIns';

const binMs = 300_000;
const day = 288;
const startBin = 168;
const lastsBins = 36;
const uplift = 3;
/** Half an hour and the bin that is looked at last. */
const doubtedBins = 7;
const query = { leadBins: 1, horizonBins: [1, 3], probabilities: [0.5, 0.99] };
// Fits of every family, on machines that may be busy.
jest.setTimeout(120_000);

/** Of these the event is none of their business: they forecast by what was, a day or a week ago. */
const blind = ['seasonal-naive', 'day-ahead'];

const quiet = simulate({ days: 5, binMs, wave: 0.3, noise: 0.05 });
const { startMs, clock } = quiet;
const eventOn = (days: number): DemandEvent => ({
  id: `sale-${days}`,
  kind: 'sale',
  title: 'sale',
  startMs: startMs + (days * day + startBin) * binMs,
  endMs: startMs + (days * day + startBin + lastsBins) * binMs,
  expectedUplift: uplift,
  source: 'test',
});

/** Sales of the `happened` days; the last day's does not happen. */
function demand(happened: readonly number[]) {
  const counts = quiet.counts.slice();
  for (const days of happened)
    for (let bin = 0; bin < lastsBins; bin++) counts[days * day + startBin + bin]! *= uplift;
  return { clock, startMs, counts };
}

interface Ratios {
  /** The forecast of the peak with the announcement ÷ without, per bin from the start: median and 0.99 quantile. */
  readonly median: number[];
  readonly upper: number[];
}

async function ratios(family: (typeof families)[number], happened: readonly number[]): Promise<Ratios> {
  const series = demand(happened);
  const past = happened.map(eventOn);
  const announced = eventOn(4);
  const start = 4 * day + startBin;
  const history = sliceSeries(series, startMs, startMs + (start - 3) * binMs);
  const told = await family.fit(history, { events: past }, { ...query, seed: 1 });
  const untold = family.load(told.serialize());
  const found: Ratios = { median: [], upper: [] };
  for (let index = start - 2; index <= start + lastsBins + 1; index++) {
    const recent = sliceSeries(series, startMs, startMs + index * binMs);
    const withIt = told.forecast(recent, query, { events: [...past, announced] }).peak;
    const without = untold.forecast(recent, query, { events: past }).peak;
    if (index < start) continue;
    found.median.push(withIt[0]! / without[0]!);
    found.upper.push(withIt[1]! / without[1]!);
  }
  return found;
}

const taking = families
  .filter(({ name }) => !blind.includes(name))
  .map((family) => [family.name, family] as const);

describe.each([
  ['that usually happens', [0, 1, 2, 3]],
  ['of a new kind, with a stated uplift', []],
])('an event %s and does not come', (_, happened) => {
  test.each(taking)('%s', async (_name, family) => {
    const { median, upper } = await ratios(family, happened);
    // It counts, or there would be nothing to take back.
    expect(median[0]).toBeGreaterThan(2);
    expect(upper[0]).toBeGreaterThan(2);
    // After half an hour its nodes are free; they stay so to its end, where nothing is taken away that never came.
    for (const ratio of [...median.slice(doubtedBins), ...upper.slice(doubtedBins)]) {
      expect(ratio).toBeLessThan(1.2);
      expect(ratio).toBeGreaterThan(0.9);
    }
  });
});

test.each(
  families.filter(({ name }) => blind.includes(name)).map((family) => [family.name, family] as const),
)('%s takes no events: nothing to take back', async (_name, family) => {
  const { median } = await ratios(family, [0, 1, 2, 3]);
  for (const ratio of median) expect(ratio).toBeCloseTo(1, 6);
});
