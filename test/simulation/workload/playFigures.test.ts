import {
  forecastFigures,
  neededNodes,
  nodeBinsUsed,
  readiness,
  routableAtStart,
} from '../../../simulation/workload/playFigures';

/** Four bins of 10 ms from 100 on. */
const played = { fromMs: 100, binMs: 10, counts: [8, 8, 17, 30] };
const nodes = [
  { createdMs: 50, routableMs: 60, removedMs: null },
  { createdMs: 105, routableMs: 120, removedMs: 135 },
  { createdMs: 118, routableMs: 131, removedMs: null },
  { createdMs: 10, routableMs: null, removedMs: 100 },
];

test('node-bins count from the order to the end, clipped to the window', () => {
  expect(nodeBinsUsed(nodes, played)).toBeCloseTo(4 + 3 + 2.2, 10);
});

test('a node counts for a bin only if it took traffic when the bin began', () => {
  expect(routableAtStart(nodes, played)).toEqual([1, 1, 2, 2]);
});

test('readiness counts newly needed nodes and those that were there in time', () => {
  const needed = neededNodes(played.counts, 8);
  expect(needed).toEqual([1, 1, 3, 4]);
  // First bin: 1 of 1. Third: needs 2 more, 1 was there. Fourth: needs 1 more above 3, none was there.
  expect(readiness(needed, [1, 1, 2, 2])).toEqual({ needed: 4, ready: 2, shortBins: 2, bins: 4 });
});

test('surplus of an earlier bin does not make up for a node that was late', () => {
  expect(readiness([1, 2, 4], [5, 5, 2])).toEqual({ needed: 4, ready: 2, shortBins: 1, bins: 3 });
});

test('forecasts are scored where their bins lie in the window, the latest of a bin only', () => {
  const made = (originMs: number, p50: number, peakUpper: number) => ({
    originMs,
    aheadBins: 2,
    p50,
    leadBins: 1,
    peakUpper,
  });
  const figures = forecastFigures(
    [made(110, 99, 99), made(110, 15, 16), made(120, 20, 30), made(130, 1, 1)],
    played,
  );
  // At 110, 2 ahead is 17 (last 8); at 120 it is 30 (last 8); the one at 130 has no actual yet.
  expect(figures.scored).toBe(2);
  expect(figures.error).toBeCloseTo((2 + 10) / 47, 10);
  expect(figures.lastValueError).toBeCloseTo((9 + 22) / 47, 10);
  // Window at 110: peak 17 above 16; at 120: 30 within 30; at 130 the window is not over.
  expect(figures).toMatchObject({ coverage: 0.5, windows: 2 });
});

test('without a forecast there is nothing to say', () => {
  expect(forecastFigures([], played)).toEqual({
    error: null,
    lastValueError: null,
    scored: 0,
    coverage: null,
    windows: 0,
  });
});
