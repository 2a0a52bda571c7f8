/** What the `calendarEvent` signal may carry. */
import { describeIssues } from '../../../core/describeIssues';
import { readCalendarMessage } from '../../../core/events/announcement';

function refusal(message: unknown): string {
  const read = readCalendarMessage(message);
  return read.ok ? 'accepted' : describeIssues(read.error);
}

test('a name, a start and a duration are enough, in any zone', () => {
  expect(readCalendarMessage({ name: 'final', start: '2026-07-19T15:00:00-04:00', duration: '2h' })).toEqual({
    ok: true,
    message: {
      kind: 'announced',
      event: {
        id: 'final@2026-07-19T19:00:00.000Z',
        kind: 'final',
        title: 'final',
        startMs: Date.UTC(2026, 6, 19, 19),
        endMs: Date.UTC(2026, 6, 19, 21),
        source: 'signal',
      },
    },
  });
});

test('the same name and start is the same event, so a repeated signal does not double it', () => {
  const message = { name: 'sale', start: '2026-11-27T08:00:00Z', duration: '1d' };
  const [first, second] = [readCalendarMessage(message), readCalendarMessage({ ...message, uplift: 3 })];
  if (!first.ok || first.message.kind !== 'announced') throw new Error('refused');
  if (!second.ok || second.message.kind !== 'announced') throw new Error('refused');
  expect(second.message.event.id).toBe(first.message.event.id);
  expect(second.message.event.expectedUplift).toBe(3);
});

test('an event can be withdrawn by its id', () => {
  expect(readCalendarMessage({ withdraw: 'sale-1', source: 'crm' })).toEqual({
    ok: true,
    message: { kind: 'withdrawn', id: 'sale-1', source: 'crm' },
  });
});

test.each([
  [
    { name: 'x', start: '2026-11-27T08:00:00', duration: '1h' },
    /start: expected an ISO 8601 time with its zone/,
  ],
  [{ name: 'x', start: '2026-02-30T25:00:00Z', duration: '1h' }, /start/],
  [{ name: 'x', start: '2026-11-27T08:00:00Z' }, /expected either "duration" or "end"/],
  [
    { name: 'x', start: '2026-11-27T08:00:00Z', end: '2026-11-27T07:00:00Z' },
    /end: expected an instant after "start"/,
  ],
  [{ name: 'x', start: '2026-11-27T08:00:00Z', duration: '1h', uplift: -1 }, /uplift/],
  [{ name: 'x', start: '2026-11-27T08:00:00Z', duration: '1h', upLift: 2 }, /upLift/],
  ['sale', /expected/],
  [null, /expected/],
])('%j is refused and the field named', (message, expected) => {
  expect(refusal(message)).toMatch(expected);
});
