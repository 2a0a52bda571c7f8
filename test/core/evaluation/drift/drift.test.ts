/** The tests for drift on seeded series with a season: how often they are wrong, how soon they are right. */
import type { ForecastScore } from '../../../../core/evaluation/accuracy/accuracy';
import {
  advanceDrift,
  type Drift,
  type DriftState,
  firstDriftState,
} from '../../../../core/evaluation/drift/drift';
import { seededRandom } from '../../../../core/statistics/random';

const clock = { binMs: 60_000, dayMs: 86_400_000 };
const day = 1_440;
const start = Date.UTC(2026, 0, 5);

/** Standard normal (Box and Muller 1958). */
function gaussian(random: () => number): () => number {
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

type Change = (index: number, season: (index: number) => number) => number;

/**
 * A daily season (5 to 1 from its highest to its lowest), a level that wanders from hour to hour, noise, a
 * week, now and then a burst of some minutes; `change` gives log demand without noise from bin `from` on.
 */
function demand(seed: number, days: number, from = Number.POSITIVE_INFINITY, change?: Change): Float64Array {
  const normal = gaussian(seededRandom(seed));
  const random = seededRandom(seed + 1);
  const season = (index: number) => Math.log(1 + 0.667 * Math.sin((2 * Math.PI * index) / day));
  let wander = 0;
  let burst = 0;
  return Float64Array.from({ length: days * day }, (_, index) => {
    wander = 0.995 * wander + 0.008 * normal();
    if (burst > 0) burst--;
    else if (random() < 1 / 2_000) burst = Math.ceil(12 * random());
    const week = 0.15 * Math.sin((2 * Math.PI * index) / (7 * day));
    const expected = index >= from && change ? change(index, season) : season(index);
    return Math.round(
      Math.exp(6 + expected + week + wander + 0.1 * normal() + (burst > 0 ? Math.log(3) : 0)),
    );
  });
}

interface ScoreModel {
  readonly miss: number;
  readonly loss: number;
}

/** Scores a bin of the peak and two horizons, whose outcomes depend on each other as long as their windows overlap. */
function scorer(seed: number): (index: number, model: ScoreModel) => ForecastScore[] {
  const random = seededRandom(seed);
  const targets = [
    { horizonBins: 0, overlap: 6, block: -1, u: 0, v: 0 },
    { horizonBins: 5, overlap: 5, block: -1, u: 0, v: 0 },
    { horizonBins: 15, overlap: 15, block: -1, u: 0, v: 0 },
  ];
  return (index, { miss, loss }) =>
    targets.map((target) => {
      const { horizonBins, overlap } = target;
      if (Math.floor(index / overlap) !== target.block)
        Object.assign(target, { block: Math.floor(index / overlap), u: random(), v: random() });
      return {
        forecastId: `${index}`,
        modelId: 'm1',
        family: 'boosted',
        originMs: start + (index + 1 - overlap) * clock.binMs,
        dueMs: start + (index + 1) * clock.binMs,
        horizonBins,
        actual: target.u < 0.5 ? 110 : 90,
        last: 100,
        median: 100,
        upper: target.u < miss ? 105 : 200,
        risk: 0.01,
        loss: loss * (0.3 + 1.4 * target.v),
        upperLoss: 1,
        baselineLoss: 1,
        baselineUpperLoss: 1,
      };
    });
}

const good: ScoreModel = { miss: 0.01, loss: 0.8 };

/** Feeds bin by bin; stops at the first finding of a bin from `from` on when `stop` is set. */
function run(
  counts: Float64Array,
  options: { from?: number; stop?: boolean; modelAt?: (index: number) => ScoreModel; seed?: number } = {},
): { found: Drift[]; state: DriftState } {
  const { from = 0, stop = false, modelAt, seed = 1 } = options;
  const score = scorer(seed);
  let state = firstDriftState(clock, start, 'm1');
  const found: Drift[] = [];
  // A day at a time where it is quick, a bin at a time where it matters.
  for (let index = 0; index < counts.length; ) {
    const next = Math.min(
      counts.length,
      stop && index + day > from ? Math.max(index + 1, from) : index + day,
    );
    const to = stop && index >= from ? index + 1 : next;
    const scores: ForecastScore[] = [];
    if (modelAt) for (let at = index; at < to; at++) scores.push(...score(at, modelAt(at)));
    const step = advanceDrift(state, {
      series: { clock, startMs: start + index * clock.binMs, counts: counts.subarray(index, to) },
      scores,
      modelId: 'm1',
      trainedMs: null,
    });
    state = step.state;
    found.push(...step.found);
    index = to;
    if (stop && index > from && step.found.length > 0) break;
  }
  return { found, state };
}

const binOf = (timeMs: number) => Math.round((timeMs - start) / clock.binMs);

test('of six categories over four weeks each, all tests together are wrong less than once a week and category', () => {
  let weeks = 0;
  const wrong: string[] = [];
  for (let seed = 1; seed <= 6; seed++) {
    const { found } = run(demand(100 * seed, 35), { modelAt: () => good, seed });
    wrong.push(...found.map(({ what }) => `${seed}: ${what}`));
    weeks += 4;
  }
  expect(weeks).toBe(24);
  expect(wrong.length).toBeLessThanOrEqual(weeks);
}, 180_000);

describe('found within 30 bins, with when it began', () => {
  const changes: Record<string, { change: Change; at: number; times: number | null }> = {
    'a doubled level': { change: (index, season) => season(index) + Math.log(2), at: 0.4, times: 2 },
    'a halved level': { change: (index, season) => season(index) - Math.log(2), at: 0.4, times: 0.5 },
    // The flat line is the mean of the day: far from the season at its lowest and highest.
    'a season lost at its lowest': { change: () => 0, at: 0.75, times: null },
    'a season lost at its highest': { change: () => 0, at: 0.25, times: null },
    'a phase shifted by six hours': {
      change: (index, season) => season(index - day / 4),
      at: 0.2,
      times: null,
    },
  };
  for (const [name, { change, at, times }] of Object.entries(changes))
    test(name, () => {
      const soon: string[] = [];
      const tried = 8;
      for (let seed = 1; seed <= tried; seed++) {
        const from = 10 * day + Math.round(at * day) + 13 * seed;
        const { found } = run(demand(7 * seed, 12, from, change).subarray(0, from + 30), {
          from,
          stop: true,
        });
        const drift = found.find(({ detectedMs }) => binOf(detectedMs) > from);
        if (drift?.kind === 'level' && Math.abs(binOf(drift.sinceMs) - from) <= 10) soon.push(drift.what);
      }
      // One that has had a false alarm on the same day is still learning its new level.
      expect(soon.length).toBeGreaterThanOrEqual(tried - 2);
      if (times !== null)
        expect(
          soon.every((what) => Math.abs(Number(/is ([\d.]+) times/.exec(what)?.[1]) - times) < 0.2 * times),
        ).toBe(true);
    }, 120_000);
});

test('a season lost where it crosses its mean is found once it is missed', () => {
  const from = 10 * day;
  const { found } = run(demand(3, 11, from, () => 0).subarray(0, from + 300), { from, stop: true });
  const delay = binOf(found.at(-1)!.detectedMs) - from;
  // The season itself would have moved by a third in the first two hours and by two thirds in four.
  expect(delay).toBeGreaterThan(0);
  expect(delay).toBeLessThanOrEqual(240);
}, 60_000);

test('demand that comes back within the hour is taken back, and each window takes it for a change once', () => {
  const from = 10 * day;
  const counts = demand(8, 16);
  for (let burst = 0; burst < 5; burst++)
    for (let bin = 0; bin < 35; bin++)
      counts[from + burst * (day + 97) + bin] = counts[from + burst * (day + 97) + bin]! * 4;
  const { found, state } = run(counts, { from });
  const bursts = found.filter(
    ({ what, detectedMs }) => /is [3-5][\d.]* times/.test(what) && binOf(detectedMs) >= from,
  );
  expect(bursts.length).toBeGreaterThanOrEqual(1);
  expect(bursts.length).toBeLessThanOrEqual(2);
  for (const burst of bursts) expect(state.active).not.toContainEqual(burst);
}, 60_000);

test('where bursts of twenty bins are usual, a doubled level is still found within 30 bins', () => {
  const soon: number[] = [];
  const tried = 8;
  for (let seed = 1; seed <= tried; seed++) {
    const from = 12 * day + 600 + 13 * seed;
    const counts = demand(7 * seed, 13, from, (index, season) => season(index) + Math.log(2));
    for (let burst = 8 * day + 300 + 31 * seed; burst < from - day / 2; burst += day + 97)
      for (let bin = burst; bin < burst + 20; bin++) counts[bin] = counts[bin]! * 4.5;
    const { found } = run(counts.subarray(0, from));
    // The first burst may be taken for a change, and is taken back; no second one is.
    expect(found.filter(({ what }) => /is [3-9][\d.]* times/.test(what)).length).toBeLessThanOrEqual(1);
    const after = run(counts.subarray(0, from + 30), { from, stop: true }).found.filter(
      ({ kind, detectedMs }) => kind === 'level' && binOf(detectedMs) > from,
    );
    soon.push(...after.map(({ detectedMs }) => binOf(detectedMs) - from));
  }
  // As above; and 30 bins are few for what every one of 29 has to say.
  expect(soon.length).toBeGreaterThanOrEqual(tried - 2);
}, 120_000);

test('a change of the level that stays is told once, not as one back when the next day is like it', () => {
  for (const times of [2, 0.5])
    for (let seed = 1; seed <= 4; seed++) {
      const from = 12 * day + 600 + 13 * seed;
      const counts = demand(7 * seed, 14, from, (index, season) => season(index) + Math.log(times));
      const after = run(counts, { from }).found.filter(({ detectedMs }) => binOf(detectedMs) >= from);
      expect(after).toEqual([expect.objectContaining({ kind: 'level' })]);
    }
}, 120_000);

describe('what is wrong with a model is told apart from the level', () => {
  const from = 10 * day;
  const after = (bad: Partial<ScoreModel>) => (index: number) => (index < from ? good : { ...good, ...bad });
  const cases: [string, Partial<ScoreModel>, string, RegExp][] = [
    ['worse than the last value', { loss: 2 }, 'error', /loss is about .* times that of the last value/],
    ['too many misses', { miss: 0.3 }, 'calibration', /% of the peaks are above their upper quantile/],
  ];
  for (const [name, bad, kind, words] of cases)
    test(name, () => {
      const counts = demand(11, 11).subarray(0, from + 400);
      const { found } = run(counts, { from, stop: true, modelAt: after(bad) });
      const [drift, ...more] = found.filter(({ detectedMs }) => binOf(detectedMs) > from);
      expect(more).toEqual([]);
      expect(drift).toMatchObject({ kind, what: expect.stringMatching(words) });
      expect(binOf(drift!.detectedMs) - from).toBeLessThanOrEqual(300);
      expect(Math.abs(binOf(drift!.sinceMs) - from)).toBeLessThanOrEqual(60);
    }, 60_000);
});

test('a new model, a training or a day answers what was found; a stored state goes on as the live one', () => {
  const from = 10 * day;
  const counts = demand(13, 12, from, (index, season) => season(index) + Math.log(2)).subarray(0, from + 200);
  const { state } = run(counts, { from, stop: true });
  expect(state.active.at(-1)?.kind).toBe('level');
  const stored: DriftState = JSON.parse(JSON.stringify(state));
  expect(stored).toEqual(state);
  const nothing = {
    series: { clock, startMs: state.nextBinMs, counts: new Float64Array(0) },
    scores: [],
    modelId: 'm1',
    trainedMs: null,
  };
  expect(advanceDrift(stored, nothing).state.active).toEqual(state.active);
  expect(advanceDrift(stored, { ...nothing, modelId: 'm2' }).state.active).toEqual([]);
  const { detectedMs } = state.active.at(-1)!;
  expect(advanceDrift(stored, { ...nothing, trainedMs: detectedMs - 1 }).state.active).toContainEqual(
    state.active.at(-1),
  );
  expect(advanceDrift(stored, { ...nothing, trainedMs: detectedMs + 1 }).state.active).toEqual([]);
}, 60_000);

test('what a known event does to the level is no drift, what stays after it is', () => {
  const from = 10 * day + 600;
  const during = (bins: number) => {
    const counts = demand(
      8,
      11,
      from,
      (index, season) => season(index) + (index < from + bins ? Math.log(4) : 0),
    );
    return [counts.subarray(0, from), counts.subarray(from, from + 240)] as const;
  };
  const events = [{ startMs: start + from * clock.binMs, endMs: start + (from + 60) * clock.binMs }];
  const found = (bins: number, known: typeof events) => {
    const common = { scores: [], modelId: 'm1', trainedMs: null, events: known };
    const [before, after] = during(bins);
    const series = (counts: Float64Array, startMs: number) => ({ clock, startMs, counts });
    const { state } = advanceDrift(firstDriftState(clock, start, 'm1'), {
      ...common,
      series: series(before, start),
    });
    return advanceDrift(state, { ...common, series: series(after, state.nextBinMs) }).found;
  };
  expect(found(60, [])).not.toEqual([]);
  expect(found(60, events)).toEqual([]);
  expect(found(240, events)).toEqual([expect.objectContaining({ kind: 'level' })]);
}, 60_000);

test('missing bins are no change', () => {
  const counts = demand(17, 12);
  counts.fill(Number.NaN, 10 * day, 10 * day + 400);
  const late = run(counts).found.filter(({ detectedMs }) => binOf(detectedMs) >= 10 * day);
  expect(late).toEqual([]);
}, 60_000);
