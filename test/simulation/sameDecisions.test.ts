/** What is simulated is what runs: the same past gives the activities and the simulator the same forecasts and decisions. */
import { type CategorySettings, categoryInput } from '../../core/category/settings';
import { seededRandom } from '../../core/statistics/random';
import { ReplayedForecasts } from '../../simulation/forecasts';
import { pamPolicies } from '../../simulation/policies/pam';
import { type EvaluatedTrace, type Replayed, replay } from '../../simulation/replay';
import { binMs, InService, startMs, type Ticked } from './inService';

jest.setTimeout(240_000);

/** Short days, so that a model is refitted often. */
const dayBins = 300;
/** The shortest that a hold can be chosen from within a thousand decisions. */
const shortDayBins = 240;
const requestsPerNodeBin = 40;
const risk = 0.02;

const settingsOf = (name: string, bins: number): CategorySettings =>
  categoryInput.parse({
    ...{ name, match: { pathPrefix: `/${name}` }, risk, lead: '5m', day: `${bins}m`, seed: 1 },
    horizons: ['5m', '15m'],
    requestsPerNodeSecond: (requestsPerNodeBin * 1_000) / binMs,
    nodes: { min: 1, max: 10_000, initial: 1 },
  });

function traceOf(category: string, counts: Float64Array, fromBin: number, bins = dayBins): EvaluatedTrace {
  const clock = { binMs, dayMs: bins * binMs };
  return {
    ...{ category, fromBin, toBin: counts.length, requestsPerNodeBin },
    series: { clock, startMs, counts },
    events: [],
    leadBins: 5,
  };
}

/** A day's wave with noise, `scale` times as high. */
function wave(bins: number, scale: number, seed: number): Float64Array {
  const random = seededRandom(seed);
  return Float64Array.from({ length: bins }, (_, index) =>
    Math.round(scale * (900 + 600 * Math.sin((2 * Math.PI * index) / dayBins)) * (0.95 + 0.1 * random())),
  );
}

/** Demand that knows no day: the model of the same minute yesterday is far worse than the last value. */
function wandering(bins: number, seed: number): Float64Array {
  const random = seededRandom(seed);
  let log = Math.log(1_000);
  return Float64Array.from({ length: bins }, () => {
    log += 0.04 * (random() - 0.5) - 0.002 * (log - Math.log(1_000));
    return Math.round(Math.exp(log));
  });
}

interface Both {
  readonly service: InService;
  readonly simulated: Replayed;
  readonly inService: readonly Ticked[];
}

/** The last trace through both; the others are there to lend. */
async function both(traces: readonly EvaluatedTrace[], family: string): Promise<Both> {
  const judged = traces.at(-1)!;
  const fitted = new Map<string, number[]>(traces.map(({ category }) => [category, []]));
  const policyOf = () =>
    pamPolicies({
      ...{ risks: [risk], family, seed: 1 },
      fitted: ({ category, bin }) => void fitted.get(category)!.push(bin),
      forecasting: (trace, options) => new ReplayedForecasts(trace, { ...options, horizonBins: [5, 15] }),
    })[0]!;
  const simulated = await replay(judged, policyOf(), {}, traces);
  for (const trace of traces)
    if (trace !== judged && fitted.get(trace.category)!.length === 0) await replay(trace, policyOf());

  const dayOf = ({ series: { clock } }: EvaluatedTrace) => clock.dayMs / clock.binMs;
  const all = traces.map((trace) => ({ trace, settings: settingsOf(trace.category, dayOf(trace)) }));
  const service = new InService(all.map(({ settings }) => settings));
  const inService: Ticked[] = [];
  for (let index = 0; index < judged.toBin; index++) {
    for (const { trace, settings } of all) {
      if (index > 0) await service.ended(trace.category, index - 1, trace.series.counts[index - 1]!);
      if (fitted.get(trace.category)!.includes(index)) await service.train(settings, family, index);
      if (index < trace.fromBin) continue;
      if ((index - trace.fromBin) % dayOf(trace) === 0) await service.reviewHold(settings, index);
      const ticked = await service.tick(settings, index);
      if (trace === judged) inService.push(ticked);
    }
  }
  return { service, simulated, inService };
}

function expectTheSame({ simulated, inService }: Both): void {
  expect(inService.map(({ peak }) => peak.length)).toEqual(simulated.peaks!.map((peak) => peak.length));
  inService.forEach(({ peak }, index) => {
    peak.forEach((count, place) => {
      expect(count / simulated.peaks![index]![place]!).toBeCloseTo(1, 9);
    });
  });
  expect(inService.map(({ planned }) => planned)).toEqual([...simulated.planned]);
}

test('a model of its own, refitted daily, distrusted while it is worse than the last value', async () => {
  const result = await both([traceOf('wander', wandering(720, 11), 40)], 'seasonal-naive');
  expectTheSame(result);
  const stages = new Set(result.inService.map(({ stage }) => stage));
  expect(stages).toEqual(new Set(['last-value', 'own-model']));
  const distrusted = result.inService.filter((ticked) => ticked.distrusted);
  expect(distrusted.length).toBeGreaterThan(20);
  expect(distrusted.every(({ stage }) => stage === 'last-value')).toBe(true);
});

test('a category without history: the default, the last value, a borrowed model, then its own', async () => {
  const lender = traceOf('lender', wave(700, 1, 3), 310);
  // The same day at twice the size, known from its steep part on.
  const young = wave(700, 2, 3).map((count, index) => (index < 330 ? Number.NaN : count));
  const result = await both([lender, traceOf('young', young, 330)], 'online-linear');
  expectTheSame(result);
  const stages = result.inService.map(({ stage }) => stage);
  expect([...new Set(stages)]).toEqual(['default', 'last-value', 'borrowed-model', 'own-model']);
});

test('the scale-down hold that is chosen from the decisions of the days before', async () => {
  // Levels of half an hour: whatever is held once they fall is waste.
  const random = seededRandom(5);
  const bins = 4 * shortDayBins + 90;
  const steps = Float64Array.from({ length: bins }, (_, index) =>
    Math.round((Math.floor(index / 30) % 2 === 0 ? 4_000 : 1_000) * (1 + 0.01 * random())),
  );
  const result = await both([traceOf('steps', steps, shortDayBins, shortDayBins)], 'online-linear');
  expectTheSame(result);
  expect(result.service.chosenHoldsMs()).toEqual([0]);
});
