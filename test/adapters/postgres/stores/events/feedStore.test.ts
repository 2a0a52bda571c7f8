/** Feeds and their events in a real PostgreSQL: validators, failures, who called an event off. */
import type { Database } from '../../../../../adapters/postgres';
import type { DemandEvent } from '../../../../../core/events/event';
import { feedDefinition } from '../../../../../core/events/feed';
import { suiteDatabase } from '../../../../support/suiteDatabase';

let database: Database;
suiteDatabase((made) => {
  database = made;
});

const now = Date.UTC(2026, 10, 24, 12);
const definition = feedDefinition.parse({
  name: 'matches',
  type: 'calendar',
  url: 'https://example.org/m.ics',
  categories: ['football'],
});
const event = (id: string, more: Partial<DemandEvent> = {}): DemandEvent => ({
  id,
  kind: 'match',
  title: id,
  startMs: now,
  endMs: now + 3_600_000,
  source: 'feed:matches',
  ...more,
});
const content = { text: 'BEGIN:VCALENDAR', bytes: 15, etag: '"1"', lastModified: null };

test('validators and content live as long as the address; a failure keeps them', async () => {
  const { feeds } = database;
  await feeds.define(definition);
  expect(await feeds.get('matches')).toMatchObject({
    definition,
    etag: null,
    lastOkMs: null,
    lastError: null,
  });
  await feeds.reached('matches', content, now);
  await feeds.failed('matches', 'answers 503', now + 1_000);
  await feeds.define({ ...definition, uplift: 2 });
  expect(await feeds.get('matches')).toMatchObject({
    etag: '"1"',
    lastOkMs: now,
    lastChangeMs: now,
    lastError: 'answers 503',
    lastErrorMs: now + 1_000,
  });
  await feeds.reached('matches', null, now + 2_000);
  expect(await feeds.get('matches')).toMatchObject({
    lastOkMs: now + 2_000,
    lastChangeMs: now,
    lastError: null,
  });
  expect(await feeds.content('matches')).toBe('BEGIN:VCALENDAR');
  await feeds.define({ ...definition, url: 'https://example.org/other.ics' });
  expect(await feeds.get('matches')).toMatchObject({ etag: null });
  expect(await feeds.content('matches')).toBeNull();
  expect((await feeds.list()).map((feed) => feed.definition.name)).toEqual(['matches']);
  await feeds.remove('matches');
  expect(await feeds.get('matches')).toBeNull();
});

test('what a feed and what a person called off are told apart; decay is kept', async () => {
  const { feeds, events } = database;
  const all = [event('a', { expectedUplift: 3, halfLifeMs: 600_000 }), event('b'), event('c')];
  await feeds.apply(
    'feed:matches',
    all.map((one) => ({ category: 'football', event: one })),
    [],
  );
  await events.put('football', [event('mine', { source: 'signal' })]);
  await feeds.apply('feed:matches', [], [{ category: 'football', event: event('b') }]);
  await events.withdraw('football', 'feed:matches', 'b');
  await events.withdraw('football', 'feed:matches', 'c');
  const stored = await feeds.eventsOf('feed:matches', now);
  expect(stored.map(({ event: { id }, withdrawnBy }) => [id, withdrawnBy])).toEqual([
    ['a', null],
    ['b', 'feed'],
    ['c', 'hand'],
  ]);
  expect(stored[0]?.event).toEqual(all[0]);
  expect((await events.between('football', now, now + 1)).map(({ id }) => id).sort()).toEqual(['a', 'mine']);
  await events.put('football', [event('c')]);
  expect((await feeds.eventsOf('feed:matches', now)).at(-1)?.withdrawnBy).toBeNull();
  expect(await feeds.eventsOf('feed:matches', now + 3_600_000)).toEqual([]);
});
