/** What a new look at a feed changes: moved, called off, spared, and what a person said. */
import fc from 'fast-check';
import type { DemandEvent } from '../../../core/events/event';
import { type FeedReading, feedChanges, type StoredEvent } from '../../../core/events/feedChanges';

const now = Date.parse('2026-11-24T12:00:00Z');
const hour = 3_600_000;
const event = (id: string, startMs: number, more: Partial<DemandEvent> = {}): DemandEvent => ({
  id,
  kind: 'match',
  title: id,
  startMs,
  endMs: startMs + hour,
  source: 'feed:matches',
  ...more,
});
const stored = (one: DemandEvent, withdrawnBy: StoredEvent['withdrawnBy'] = null): StoredEvent => ({
  category: 'football',
  event: one,
  withdrawnBy,
});
const reading = (events: DemandEvent[], more: Partial<FeedReading> = {}): FeedReading => ({
  events: events.map((one) => ({ category: 'football', event: one })),
  cancelled: [],
  problems: [],
  complete: true,
  ...more,
});
const ids = (entries: readonly { event: DemandEvent }[]) => entries.map((entry) => entry.event.id);

test('new, moved and as before', () => {
  const changes = feedChanges(
    [stored(event('a', now + hour)), stored(event('b', now + hour))],
    reading([event('a', now + hour), event('b', now + 3 * hour), event('c', now + hour)]),
    now,
  );
  expect([ids(changes.added), ids(changes.changed), ids(changes.withdrawn)]).toEqual([['c'], ['b'], []]);
  expect(changes.changed[0]?.before.startMs).toBe(now + hour);
  expect(changes.unchanged).toBe(1);
});

test('no longer named: coming ones are called off, past and present ones stay', () => {
  const known = [
    stored(event('past', now - 5 * hour)),
    stored(event('present', now - hour / 2)),
    stored(event('coming', now + hour)),
  ];
  expect(ids(feedChanges(known, reading([]), now).withdrawn)).toEqual(['coming']);
});

test('called off by name counts for a present one too', () => {
  const known = [stored(event('present', now - hour / 2)), stored(event('past', now - 5 * hour))];
  const changes = feedChanges(known, reading([], { cancelled: ['present', 'past'] }), now);
  expect(ids(changes.withdrawn)).toEqual(['present']);
});

test('news drop old items: nothing is called off', () => {
  const changes = feedChanges([stored(event('a', now + hour))], reading([], { complete: false }), now);
  expect(ids(changes.withdrawn)).toEqual([]);
});

test('a damaged feed spares what it no longer names, an assumption about the whole of it does not', () => {
  const known = [stored(event('a', now + hour))];
  const damaged = feedChanges(known, reading([], { problems: [{ line: 7, reason: 'left out' }] }), now);
  expect([ids(damaged.withdrawn), ids(damaged.spared)]).toEqual([[], ['a']]);
  const assumed = feedChanges(known, reading([], { problems: [{ line: 0, reason: 'read as UTC' }] }), now);
  expect([ids(assumed.withdrawn), ids(assumed.spared)]).toEqual([['a'], []]);
});

test('what a person called off stays so until the feed says something new; what the feed called off comes back', () => {
  const same = event('a', now + hour);
  expect(ids(feedChanges([stored(same, 'hand')], reading([same]), now).added)).toEqual([]);
  expect(
    ids(feedChanges([stored(same, 'hand')], reading([event('a', now + 2 * hour)]), now).changed),
  ).toEqual(['a']);
  expect(ids(feedChanges([stored(same, 'feed')], reading([same]), now).added)).toEqual(['a']);
});

test('applied, the same reading again changes nothing', () => {
  const one = fc.record({ id: fc.constantFrom('a', 'b', 'c', 'd'), offset: fc.integer({ min: -5, max: 5 }) });
  const set = fc.uniqueArray(one, { selector: ({ id }) => id });
  const withdrawnBy = fc.constantFrom<StoredEvent['withdrawnBy']>(null, 'feed', 'hand');
  fc.assert(
    fc.property(set, set, fc.array(withdrawnBy, { minLength: 4, maxLength: 4 }), (before, after, off) => {
      const known = before.map(({ id, offset }, i) => stored(event(id, now + offset * hour), off[i] ?? null));
      const said = reading(after.map(({ id, offset }) => event(id, now + offset * hour)));
      const changes = feedChanges(known, said, now);
      const applied = new Map(known.map((entry) => [entry.event.id, entry]));
      for (const entry of [...changes.added, ...changes.changed])
        applied.set(entry.event.id, { ...entry, withdrawnBy: null });
      for (const entry of changes.withdrawn) applied.set(entry.event.id, { ...entry, withdrawnBy: 'feed' });
      const again = feedChanges([...applied.values()], said, now);
      expect([again.added, again.changed, again.withdrawn]).toEqual([[], [], []]);
    }),
  );
});
