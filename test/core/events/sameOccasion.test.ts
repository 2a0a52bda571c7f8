/** The same event by feed and by hand is one occasion; different ones stay apart. */
import fc from 'fast-check';
import type { DemandEvent } from '../../../core/events/event';
import { withoutDuplicates } from '../../../core/events/sameOccasion';
import { EventTimeline, eventFeatureNames } from '../../../core/forecasting/features/eventTimeline';

const start = Date.UTC(2026, 5, 11, 19);
const minute = 60_000;
const event = (more: Partial<DemandEvent> = {}): DemandEvent => ({
  id: 'uid-1',
  kind: 'group stage',
  title: 'Brazil vs Scotland',
  startMs: start,
  endMs: start + 110 * minute,
  source: 'feed:matches',
  ...more,
});
const byHand = event({
  id: 'Brazil vs. Scotland@…',
  kind: 'brazil vs. scotland',
  title: 'Brazil vs. Scotland',
  startMs: start - 5 * minute,
  endMs: start + 90 * minute,
  expectedUplift: 2.5,
  source: 'signal',
});

test('by feed and by hand: the feed’s kind, the person’s uplift, the whole time', () => {
  const expected = {
    ...event(),
    startMs: start - 5 * minute,
    endMs: start + 110 * minute,
    expectedUplift: 2.5,
  };
  expect(withoutDuplicates([event({ expectedUplift: 9 }), byHand])).toEqual([expected]);
  expect(withoutDuplicates([byHand, event()])).toEqual([expected]);
});

test('counted once among the features of a forecast', () => {
  const row = new Float64Array(eventFeatureNames.length);
  new EventTimeline([event(), byHand], 86_400_000).write(start, start, start + 5 * minute, row, 0);
  expect(row[eventFeatureNames.indexOf('onNow')]).toBe(1);
  expect(row[eventFeatureNames.indexOf('onAhead')]).toBe(1);
});

test.each([
  ['two of one source', event({ id: 'uid-2' })],
  ['another title', event({ source: 'signal', title: 'Brazil vs Norway' })],
  ['an hour later', event({ source: 'signal', startMs: start + 60 * minute })],
])('%s stay two', (_, other) => {
  expect(withoutDuplicates([event(), other])).toHaveLength(2);
});

test('nothing that was announced is lost', () => {
  const any = fc.record({
    source: fc.constantFrom('signal', 'feed:a', 'feed:b'),
    title: fc.constantFrom('A', 'B'),
    offset: fc.integer({ min: 0, max: 60 }),
    id: fc.uuid(),
  });
  fc.assert(
    fc.property(fc.array(any, { maxLength: 8 }), (all) => {
      const events = all.map(({ offset, ...more }) =>
        event({ ...more, startMs: start + offset * minute, endMs: start + (offset + 30) * minute }),
      );
      const once = withoutDuplicates(events);
      expect(once.length).toBeLessThanOrEqual(events.length);
      expect(Math.min(...once.map(({ startMs }) => startMs))).toBe(
        Math.min(...events.map(({ startMs }) => startMs)),
      );
      // Every announced moment is still covered.
      for (const { startMs, endMs, title } of events)
        expect(once.some((one) => one.title === title && one.startMs <= startMs && one.endMs >= endMs)).toBe(
          true,
        );
    }),
  );
});

test.each([
  ['each minute', 1],
  ['at once', 0],
])('twenty thousand of one title, %s, are compared with few others', (_, minutes) => {
  const many = Array.from({ length: 20_000 }, (__, index) =>
    event({ id: `e${index}`, source: `feed:${index % 2}`, startMs: start + index * minutes * minute }),
  );
  const began = performance.now();
  expect(withoutDuplicates(many).length).toBeGreaterThan(9_000);
  expect(performance.now() - began).toBeLessThan(3_000);
});
