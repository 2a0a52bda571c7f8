/** An event that does not happen: its weight decays, it takes nothing away at its end; one that happens is unaffected. */
import fc from 'fast-check';
import type { DemandEvent } from '../../../../core/events/event';
import { DemandView } from '../../../../core/forecasting/features/demandView';
import { measuredStep, standingOf } from '../../../../core/forecasting/features/eventDoubt';
import { expectedLift } from '../../../../core/forecasting/features/eventEffects';
import { dayMs, startMs } from '../simulated';

const effect = fc.double({ min: 0.2, max: 4, noNaN: true }).chain((size) => fc.constantFrom(size, -size));
const share = fc.double({ min: -2, max: 3, noNaN: true });
const minutes = fc.double({ min: 0, max: 600, noNaN: true });

test('shares stay within 0 and 1, whatever is measured', () => {
  fc.assert(
    fc.property(effect, fc.oneof(share, fc.constant(Number.NaN)), minutes, (size, part, after) => {
      const { present, awaited } = standingOf(part * size, size, after);
      expect(present).toBeGreaterThanOrEqual(0);
      expect(present).toBeLessThanOrEqual(1);
      expect(awaited).toBeGreaterThanOrEqual(present);
      expect(awaited).toBeLessThanOrEqual(1);
    }),
  );
});

test('contradicted, it is awaited less and less, half after seven minutes, no longer after half an hour', () => {
  fc.assert(
    fc.property(effect, minutes, minutes, (size, one, other) => {
      const [early, late] = [Math.min(one, other), Math.max(one, other)];
      expect(standingOf(0, size, late).awaited).toBeLessThanOrEqual(standingOf(0, size, early).awaited);
    }),
  );
  expect(standingOf(0, 1, 7).awaited).toBeCloseTo(0.5);
  expect(standingOf(-0.3, 1, 31)).toEqual({ present: 0, awaited: 0 });
});

test('half of the effect or more confirms it, for as long as it lasts', () => {
  fc.assert(
    fc.property(effect, fc.double({ min: 0.5, max: 3, noNaN: true }), minutes, (size, part, after) => {
      expect(standingOf(part * size, size, after)).toEqual({ present: 1, awaited: 1 });
    }),
  );
});

test('before the start all of it is awaited; what can not be measured is believed', () => {
  expect(standingOf(0, 1, -5)).toEqual({ present: 0, awaited: 1 });
  expect(standingOf(Number.NaN, 1, 60)).toEqual({ present: 1, awaited: 1 });
});

const binMs = 60_000;
const event: DemandEvent = {
  id: 'sale',
  kind: 'sale',
  title: 'sale',
  startMs: startMs + 100 * binMs,
  endMs: startMs + 190 * binMs,
  expectedUplift: 3,
  source: 'test',
};
const window = { from: 0, to: 5 };
/** Lift in logs at bin `index`, when demand is `level` times its usual during the event, with `others` announced. */
function liftAt(index: number, level: (bin: number) => number, others: DemandEvent[] = []): number {
  const counts = Float64Array.from({ length: index }, (_, bin) => 1_000 * level(bin));
  const view = new DemandView({ clock: { binMs, dayMs }, startMs, counts }, 1, [event, ...others]);
  return expectedLift(view, index, window, new Map());
}
const usual = () => 1;
const happens = (bin: number) => (bin >= 100 && bin < 190 ? 3 : 1);
/** Three occurrences' worth of the stated uplift, none of another kind. */
const full = Math.log(3);

test('a no-show is waited for a while, then not; at its end nothing is taken away', () => {
  expect(liftAt(97, usual)).toBeCloseTo(full);
  expect(liftAt(101, usual)).toBeGreaterThan(0.85 * full);
  expect(liftAt(107, usual)).toBeCloseTo(full / 2);
  for (const late of [131, 160, 185, 190]) expect(liftAt(late, usual)).toBeCloseTo(0, 5);
});

test('a late one is expected again once it comes; one that happens goes at its end', () => {
  const late = (bin: number) => (bin >= 110 && bin < 190 ? 3 : 1);
  expect(liftAt(113, late)).toBeCloseTo(0);
  expect(liftAt(102, happens)).toBeCloseTo(0);
  expect(liftAt(190, happens)).toBeCloseTo(-full);
});

test('demand that another event had raised before says nothing: the event is believed', () => {
  const first: DemandEvent = {
    ...event,
    id: 'first',
    startMs: startMs + 20 * binMs,
    endMs: event.startMs,
  };
  const both = (bin: number) => (bin >= 20 && bin < 190 ? 3 : 1);
  const view = new DemandView(
    { clock: { binMs, dayMs }, startMs, counts: Float64Array.from({ length: 110 }, (_, bin) => both(bin)) },
    1,
    [first, event],
  );
  expect(measuredStep(view, 110, view.timeline.overlapping(event.startMs, event.endMs)[0]!)).toBeNaN();
  expect(liftAt(105, both, [first])).toBeCloseTo(0);
});
