import fc from 'fast-check';
import { timeMap } from '../../../simulation/workload/timeMap';

const minuteMs = 60_000;
const maps = fc
  .record({
    fromBin: fc.integer({ min: 0, max: 30_000_000 }),
    realBin: fc.integer({ min: 400_000_000, max: 500_000_000 }),
    realBinMs: fc.constantFrom(500, 1_000, 3_000, 60_000),
  })
  .map(({ fromBin, realBin, realBinMs }) =>
    timeMap({
      traceFromMs: fromBin * minuteMs,
      realFromMs: realBin * realBinMs,
      traceBinMs: minuteMs,
      realBinMs,
    }),
  );
const offset = fc.integer({ min: -40_000, max: 40_000 });

test('bins of the trace become bins of the replay, in the same order and without a gap', () => {
  fc.assert(
    fc.property(maps, offset, (map, bin) => {
      const real = map.toReal(map.traceFromMs + bin * minuteMs);
      expect(real % map.realBinMs).toBe(0);
      expect(map.toReal(map.traceFromMs + (bin + 1) * minuteMs) - real).toBe(map.realBinMs);
    }),
  );
});

test('an event keeps its place among the bins, and time maps back', () => {
  fc.assert(
    fc.property(maps, offset, fc.integer({ min: 0, max: minuteMs - 1 }), (map, bin, within) => {
      const eventMs = map.traceFromMs + bin * minuteMs + within;
      const real = map.toReal(eventMs);
      expect(real).toBeGreaterThanOrEqual(map.toReal(map.traceFromMs + bin * minuteMs));
      expect(real).toBeLessThanOrEqual(map.toReal(map.traceFromMs + (bin + 1) * minuteMs));
      expect(Math.abs(map.toTrace(real) - eventMs)).toBeLessThanOrEqual(minuteMs / map.realBinMs);
    }),
  );
});

test('a start that would tear bins apart is refused', () => {
  expect(() =>
    timeMap({ traceFromMs: 30_000, realFromMs: 3_000, traceBinMs: minuteMs, realBinMs: 3_000 }),
  ).toThrow('trace start 1970-01-01T00:00:30Z is not on the grid of 60000 ms');
});
