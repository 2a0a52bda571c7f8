import { eventRamp, rampBins } from '../../../simulation/workload/eventRamps';
import type { NodeSpan, PlayedBins } from '../../../simulation/workload/playFigures';

const binMs = 1_000;
/** 10 a node: one node up to bin 40, then one more every second bin up to four. */
const counts = Array.from({ length: 120 }, (_, bin) => (bin < 40 ? 9 : bin < 42 ? 19 : bin < 44 ? 29 : 39));
const played: PlayedBins = { fromMs: 100_000, binMs, counts };
const at = (bin: number) => played.fromMs + bin * binMs;
const node = (created: number, routable: number | null, removed: number | null = null): NodeSpan => ({
  createdMs: at(created),
  routableMs: routable === null ? null : at(routable),
  removedMs: removed === null ? null : at(removed),
});

test('the window of a ramp is half an hour before to an hour after the start, within what was played', () => {
  expect(rampBins(played, at(40), 1_440)).toEqual([10, 100]);
  expect(rampBins(played, at(90), 1_440)).toEqual([60, 120]);
  expect(rampBins(played, at(5), 96)).toEqual([3, 9]);
});

test('each node of the ramp is held against the bin that first needs it', () => {
  // The second node 10 bins early, the third in the bin that needs it, the fourth 6 bins late.
  const nodes = [node(-9, -5), node(25, 30), node(38, 42), node(45, 50)];
  expect(eventRamp(played, nodes, 10, [10, 100])).toEqual({
    from: 1,
    to: 4,
    needed: 3,
    ready: 2,
    shortBins: 6,
    bins: 90,
    orderedAhead: { median: 4, worst: -1 },
    routableAhead: { median: 0, worst: -6 },
    overflow: 6 * 9,
  });
});

test('a node that went before it was needed counts from its return, one that never came from the end', () => {
  const nodes = [node(-9, -5), node(10, 12, 35), node(36, 39), node(41, null)];
  const { ready, routableAhead } = eventRamp(played, nodes, 10, [10, 100]);
  expect(ready).toBe(1);
  // 40 − 39, 42 − 120, 44 − 120.
  expect(routableAhead).toEqual({ median: -76, worst: -78 });
});

test('without a rise nothing is judged', () => {
  const flat = eventRamp({ ...played, counts: counts.map(() => 9) }, [node(-9, -5)], 10, [10, 100]);
  expect(flat).toMatchObject({ from: 1, to: 1, needed: 0, ready: 0, routableAhead: null, overflow: 0 });
});
