import { expectedUplift, realizedUplift } from '../../../../core/evaluation/events/realizedUplift';
import type { DemandEvent } from '../../../../core/events/event';

const clock = { binMs: 3_600_000, dayMs: 86_400_000 };
const days = 30;

/** 100 requests an hour by day, 10 by night; during each event `factor` times as many. */
function demand(events: readonly DemandEvent[], factor: number) {
  const counts = Float64Array.from({ length: days * 24 }, (_, hour) => (hour % 24 >= 8 ? 100 : 10));
  for (const { startMs, endMs } of events)
    for (let hour = startMs / clock.binMs; hour < endMs / clock.binMs; hour++)
      counts[hour] = (counts[hour] ?? 0) * factor;
  return { clock, startMs: 0, counts };
}

function sale(day: number, hour: number, hours = 2): DemandEvent {
  const startMs = day * clock.dayMs + hour * clock.binMs;
  return {
    id: `${day}`,
    kind: 'sale',
    title: 'sale',
    startMs,
    endMs: startMs + hours * clock.binMs,
    source: 'test',
  };
}

test('an event is compared with the same time without one, not with the night before or another event', () => {
  const events = [sale(26, 7), sale(27, 7), sale(28, 7), sale(29, 7, 3)];
  const series = demand(events, 3);
  for (const event of events) expect(realizedUplift(series, events, event).uplift).toBeCloseTo(3, 9);
  // Without the others known, their demand would pass for the usual one.
  const last = events[3] as DemandEvent;
  expect(realizedUplift(series, events, last).without).toBeCloseTo((10 + 100 + 100) / 3, 9);
});

test('what can’t be compared is said, not made up', () => {
  const events = Array.from({ length: days }, (_, day) => sale(day, 9));
  const series = demand(events, 2);
  expect(realizedUplift(series, events, events[29] as DemandEvent)).toMatchObject({
    uplift: null,
    basis: expect.stringContaining('0 of the 3 days'),
  });
  series.counts.fill(Number.NaN, 29 * 24);
  expect(realizedUplift(series, [sale(29, 9)], sale(29, 9))).toMatchObject({ uplift: null, during: null });
});

test('an expectation goes from what is stated to what was seen, the faster the less was stated', () => {
  const stated = { ...sale(1, 1), expectedUplift: 3 };
  expect(expectedUplift(stated, [])).toEqual({ uplift: expect.closeTo(3, 9), occurrences: 0, prior: 3 });
  expect(expectedUplift(sale(1, 1), []).uplift).toBe(1);
  const one = expectedUplift(stated, [6]).uplift;
  const many = expectedUplift(stated, new Array(30).fill(6)).uplift;
  expect(one).toBeGreaterThan(3);
  expect(one).toBeLessThan(4);
  expect(many).toBeGreaterThan(5.5);
  expect(many).toBeLessThan(6);
});
