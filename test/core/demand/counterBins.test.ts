/** Cumulative counters become bins: nothing lost, nothing invented, silence is missing. */
import fc from 'fast-check';
import {
  addSample,
  type CountedBin,
  type Cumulative,
  countedBins,
  emptyCounterState,
} from '../../../core/demand/counterBins';

const startedMs = 1_000_000;

function sample(atMs: number, requests: number, since = startedMs): Cumulative {
  return { atMs, startedMs: since, figures: { requests } };
}

function play(samples: readonly Cumulative[], binMs: number): CountedBin[] {
  let state = emptyCounterState;
  const all: CountedBin[] = [];
  for (const one of samples) {
    const { state: next, bins } = addSample(state, one, binMs);
    state = next;
    all.push(...bins);
  }
  return all;
}

test('samples at the boundaries give the growth of each bin', () => {
  const bins = play([sample(60_000, 5), sample(120_000, 25), sample(180_000, 26)], 60_000);
  expect(bins).toEqual([
    { startMs: 60_000, figures: { requests: 20 } },
    { startMs: 120_000, figures: { requests: 1 } },
  ]);
});

test('a late sample is split between the bins by time', () => {
  const bins = play([sample(60_000, 0), sample(130_000, 70), sample(180_000, 70 + 50)], 60_000);
  expect(bins.map(({ figures }) => Math.round(figures.requests ?? 0))).toEqual([60, 60]);
});

test('a bin whose beginning was not seen is missing', () => {
  expect(play([sample(90_000, 0), sample(120_000, 10), sample(180_000, 20)], 60_000)).toEqual([
    { startMs: 120_000, figures: { requests: 10 } },
  ]);
});

test('a restart of the proxy leaves its bin missing, whether the counter drops or only its start moves', () => {
  const after = (since: number, requests: number) =>
    play(
      [
        sample(60_000, 100),
        sample(120_000, 200),
        sample(180_000, requests, since),
        sample(240_000, requests + 7, since),
      ],
      60_000,
    ).map(({ startMs }) => startMs);
  expect(after(startedMs + 170_000, 3)).toEqual([60_000, 180_000]);
  expect(after(startedMs + 170_000, 900)).toEqual([60_000, 180_000]);
  expect(after(startedMs, 3)).toEqual([60_000, 180_000]);
});

test('a silence of up to three bins is spread, a longer one is missing', () => {
  expect(play([sample(60_000, 0), sample(240_000, 30)], 60_000)).toHaveLength(3);
  expect(play([sample(60_000, 0), sample(300_001, 40)], 60_000)).toEqual([]);
});

test('where the start of the counting is not known, a count that went down shows a restart', () => {
  const unknown = (atMs: number, requests: number) => ({ ...sample(atMs, requests), startedMs: null });
  const bins = play(
    [unknown(60_000, 5), unknown(120_000, 25), unknown(180_000, 3), unknown(240_000, 10)],
    60_000,
  );
  expect(bins.map(({ startMs, figures }) => [startMs, figures.requests])).toEqual([
    [60_000, 20],
    [180_000, 7],
  ]);
});

test('samples of two collectors give the bins of one, even if an answer overtook another', () => {
  const both = [
    sample(60_000, 5),
    sample(60_004, 5),
    // Asked later, answered earlier.
    sample(120_020, 27),
    sample(120_030, 25),
    sample(180_000, 41),
  ];
  const bins = countedBins([...both].reverse(), 60_000);
  expect(bins.map(({ startMs }) => startMs)).toEqual([60_000, 120_000]);
  expect(bins.reduce((sum, { figures }) => sum + (figures.requests ?? 0), 0)).toBeCloseTo(36, 1);
  // A count that is lower for longer than a moment began anew.
  expect(countedBins([sample(60_000, 5), sample(70_000, 4), sample(120_000, 9)], 60_000)).toEqual([]);
});

test('without restarts and silences the sum is kept and no bin is negative', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(1_000, 3_000, 60_000),
      fc.array(fc.record({ gap: fc.double({ min: 0.05, max: 2.5, noNaN: true }), grown: fc.nat(10_000) }), {
        minLength: 2,
        maxLength: 60,
      }),
      (binMs, steps) => {
        let atMs = 10 * binMs;
        let requests = 0;
        const samples = [sample(atMs, 0)];
        for (const { gap, grown } of steps) {
          atMs += Math.max(1, Math.round(gap * binMs));
          requests += grown;
          samples.push(sample(atMs, requests));
        }
        const toEnd = Math.ceil(atMs / binMs) * binMs;
        if (toEnd > atMs) samples.push(sample(toEnd, requests));
        const bins = play(samples, binMs);
        const sum = bins.reduce((total, { figures }) => total + (figures.requests ?? 0), 0);
        expect(sum).toBeCloseTo(requests, 4);
        expect(bins).toHaveLength((toEnd - 10 * binMs) / binMs);
        for (const { figures } of bins) expect(figures.requests).toBeGreaterThanOrEqual(0);
      },
    ),
  );
});
