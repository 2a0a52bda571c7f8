/** The loop's timetable: every bin once, no drift, whatever the work takes. */
import fc from 'fast-check';
import { nextLook, settleMs, skippedBins } from '../../workflows/allocation/schedule';

/** Plays the loop: looks when told to, each look taking `workMs`. Returns the ticks' times. */
function play(
  binMs: number,
  startMs: number,
  workMs: readonly number[],
): { ticks: number[]; skipped: number } {
  let nowMs = startMs;
  let lastTickMs: number | null = null;
  let checked = false;
  let skipped = 0;
  const ticks: number[] = [];
  for (const work of workMs) {
    const look = nextLook(nowMs, binMs, lastTickMs, checked);
    expect(look.atMs).toBeGreaterThanOrEqual(nowMs);
    nowMs = look.atMs;
    if (look.kind === 'tick') {
      const originMs = Math.floor(nowMs / binMs) * binMs;
      skipped += skippedBins(originMs, binMs, lastTickMs);
      lastTickMs = originMs;
      checked = false;
      ticks.push(nowMs);
    } else checked = true;
    nowMs += work;
  }
  return { ticks, skipped };
}

test('quick work: every bin exactly once, a settle time after its start', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(1_000, 3_000, 10_000, 60_000, 3_600_000),
      fc.integer({ min: 1_600_000_000_000, max: 1_900_000_000_000 }),
      fc.array(fc.double({ min: 0, max: 0.3, noNaN: true }), { minLength: 4, maxLength: 60 }),
      (binMs, startMs, shares) => {
        const { ticks, skipped } = play(
          binMs,
          startMs,
          shares.map((share) => Math.floor(share * binMs)),
        );
        const bins = ticks.map((tick) => Math.floor(tick / binMs));
        bins.forEach((bin, index) => {
          expect(bin).toBe((bins[0] as number) + index);
        });
        for (const tick of ticks.slice(1)) {
          expect(tick % binMs).toBeGreaterThanOrEqual(settleMs(binMs));
          // Late by no more than the look before it took: lateness is never handed on.
          expect(tick % binMs).toBeLessThan(settleMs(binMs) + 0.3 * binMs);
        }
        expect(skipped).toBe(0);
      },
    ),
  );
});

test('slow work: a bin that passed is counted as skipped, and the grid is kept', () => {
  const { ticks, skipped } = play(1_000, 1_700_000_000_000, [100, 100, 3_700, 100, 100, 100]);
  // The look that began at 1.05 s ended at 4.75 s: bins 2 and 3 passed by.
  expect(skipped).toBe(2);
  for (const tick of ticks.slice(2)) expect(tick % 1_000).toBeLessThanOrEqual(800);
});

test('a tick waits until the bin is complete at its source', () => {
  const bin = 1_700_000_040_000;
  expect(nextLook(bin - 5_000, 60_000, bin - 60_000, true, 15_000)).toEqual({
    atMs: bin + 17_000,
    kind: 'tick',
  });
  expect(nextLook(bin + 5_000, 60_000, bin - 60_000, true, 15_000)).toEqual({
    atMs: bin + 17_000,
    kind: 'tick',
  });
});

test('the check comes in the middle of a bin that was ticked, once', () => {
  const bin = 1_700_000_040_000;
  expect(nextLook(bin + 5_000, 60_000, bin, false)).toEqual({ atMs: bin + 30_000, kind: 'check' });
  expect(nextLook(bin + 31_000, 60_000, bin, true)).toEqual({ atMs: bin + 62_000, kind: 'tick' });
  expect(nextLook(bin + 45_000, 60_000, bin, false)).toEqual({ atMs: bin + 62_000, kind: 'tick' });
});
