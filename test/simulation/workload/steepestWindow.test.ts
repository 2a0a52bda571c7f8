import { steepestWindow } from '../../../simulation/workload/steepestWindow';

const minuteMs = 60_000;
const day = 1_440;
const startMs = Date.UTC(2020, 0, 1);

/** Flat demand of 100 a minute with what `change` makes of it. */
function series(days: number, change: (bin: number) => number) {
  return {
    clock: { binMs: minuteMs, dayMs: day * minuteMs },
    startMs,
    counts: Float64Array.from({ length: days * day }, (_, bin) => change(bin)),
  };
}
const options = { bins: 75, warmUpBins: 15, historyBins: 7 * day };
const ramp = (bin: number, at: number, minutes: number, by: number) =>
  100 + Math.min(1, Math.max(0, (bin - at) / minutes)) * (by - 1) * 100;

test('finds the ramp that lies after the history, with calm before it', () => {
  const at = 8 * day + 600;
  const found = steepestWindow(
    series(10, (bin) => (bin > 9 * day ? 100 : ramp(bin, at, 30, 3))),
    options,
  );
  const fromBin = (found.fromMs - startMs) / minuteMs;
  expect(fromBin).toBeLessThanOrEqual(at - 10);
  expect(fromBin + 75).toBeGreaterThanOrEqual(at + 30);
  expect(found.rise).toBeGreaterThan(2.5);
});

test('prefers a rise that builds up to a larger one that comes at once', () => {
  const at = 9 * day;
  const found = steepestWindow(
    series(10, (bin) => (bin >= 8 * day && bin < 8 * day + 15 ? 600 : ramp(bin, at, 30, 2))),
    options,
  );
  expect(Math.abs((found.fromMs - startMs) / minuteMs - at)).toBeLessThan(75);
});

test('never takes a window with missing bins or too little history', () => {
  const steep = (bin: number) => ramp(bin, 3 * day, 30, 4) - ramp(bin, 3 * day + 200, 30, 4) + 100;
  const gap = 8 * day + 300;
  const found = steepestWindow(
    series(9, (bin) => (bin === gap ? Number.NaN : Math.max(steep(bin), ramp(bin, gap + 20, 30, 3)))),
    options,
  );
  const fromBin = (found.fromMs - startMs) / minuteMs;
  expect(fromBin).toBeGreaterThanOrEqual(7 * day);
  expect(fromBin - 15 > gap || fromBin + 75 <= gap).toBe(true);
});

test('says what is missing when the trace is too short', () => {
  expect(() =>
    steepestWindow(
      series(7, () => 100),
      options,
    ),
  ).toThrow('no window of 75 measured bins');
});
