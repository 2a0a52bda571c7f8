/** Calendars as people and programs write them: what becomes an event, when, and what is said about the rest. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CalendarReading, readCalendar } from '../../../adapters/calendar/readCalendar';

const quirks = readFileSync(join(__dirname, '..', '..', 'fixtures', 'quirks.ics'), 'utf8');
const fromMs = Date.parse('2026-01-01T00:00:00Z');
const toMs = Date.parse('2027-01-01T00:00:00Z');
const read = (text: string, zone?: string) =>
  readCalendar(text, { fromMs, toMs, source: 'test.ics', ...(zone === undefined ? {} : { zone }) });
const iso = (timeMs: number) => new Date(timeMs).toISOString().replace(':00.000Z', 'Z');
const times = ({ events }: CalendarReading, title: string) =>
  events
    .filter((event) => event.title === title)
    .map(({ startMs, endMs }) => `${iso(startMs)}/${iso(endMs)}`);
const calendar = (...lines: string[]) =>
  ['BEGIN:VCALENDAR', 'VERSION:2.0', 'BEGIN:VEVENT', 'UID:u', ...lines, 'END:VEVENT', 'END:VCALENDAR'].join(
    '\r\n',
  );

test('a rule stays on the wall clock when clocks change; exceptions, moved and called-off ones count', () => {
  const reading = read(quirks);
  expect(times(reading, 'Stand-up')).toEqual([
    '2026-10-30T13:00Z/2026-10-30T14:00Z',
    '2026-11-03T14:00Z/2026-11-03T15:00Z',
  ]);
  expect(times(reading, 'Stand-up moved')).toEqual(['2026-11-01T20:00Z/2026-11-01T20:30Z']);
  const moved = reading.events.find(({ title }) => title === 'Stand-up moved');
  expect(moved).toMatchObject({ id: 'daily@2026-11-01T14:00:00.000Z', kind: 'meeting', source: 'test.ics' });
  expect(reading.cancelled).toEqual(['daily@2026-11-02T14:00:00.000Z', 'off']);
});

test('zones: the file own one, a named one for whole days, UTC with a word about it', () => {
  expect(times(read(quirks), 'Release 2026')).toEqual(['2026-07-01T10:00Z/2026-07-01T11:00Z']);
  expect(times(read(quirks, 'America/New_York'), 'Christmas Day')).toEqual([
    '2026-12-25T05:00Z/2026-12-26T05:00Z',
  ]);
  expect(read(quirks, 'America/New_York').problems.some(({ line }) => line === 0)).toBe(false);
  const assumed = read(quirks);
  expect(times(assumed, 'Christmas Day')).toEqual(['2026-12-25T00:00Z/2026-12-26T00:00Z']);
  expect(times(assumed, 'Boxing Day')).toEqual(['2026-12-26T00:00Z/2026-12-27T00:00Z']);
  expect(assumed.problems[0]).toEqual({ line: 0, reason: expect.stringContaining('read as UTC') });
});

test('one UID twice: a revision replaces, different starts are different events', () => {
  const { events } = read(quirks);
  expect(events.filter(({ title }) => title === 'Kick-off')).toEqual([
    {
      id: 'revised',
      kind: 'kick-off',
      title: 'Kick-off',
      startMs: Date.parse('2026-10-11T12:00:00Z'),
      endMs: Date.parse('2026-10-11T13:00:00Z'),
      expectedUplift: 3.5,
      source: 'test.ics',
    },
  ]);
  const launches = events.filter(({ title }) => title === 'Launch');
  expect(new Set(launches.map(({ id }) => id)).size).toBe(2);
  expect(launches[0]!.endMs).toBeGreaterThan(launches[0]!.startMs);
  expect(events.find(({ title }) => title === 'Release 2026')?.kind).toBe('release');
});

test('what can not be read is named with its line and costs nothing else', () => {
  const at = (marker: string) => quirks.split('\n').findIndex((line) => line.includes(marker)) - 1 + 1;
  expect(read(quirks, 'UTC').problems).toEqual([
    { line: at('UID:backwards'), reason: expect.stringContaining('DTEND is before DTSTART') },
    { line: at('UID:nowhere'), reason: expect.stringContaining('"Nowhere/At All" is unknown') },
    { line: at('UID:garbage'), reason: expect.stringContaining("can't be read") },
    { line: at('UID:cut'), reason: expect.stringContaining('no END') },
  ]);
  expect(() => read('hello')).toThrow('test.ics is no iCalendar file');
});

test('an endless rule is followed to the end of the window, UNTIL in UTC counts on the wall clock', () => {
  const weekly = read(
    calendar('DTSTART;TZID=Europe/Paris:20200106T200000', 'DURATION:PT2H', 'RRULE:FREQ=WEEKLY', 'SUMMARY:w'),
  );
  expect(weekly.events).toHaveLength(52);
  expect(times(weekly, 'w').at(-1)).toBe('2026-12-28T19:00Z/2026-12-28T21:00Z');
  const until = read(
    calendar(
      'DTSTART;TZID=Europe/Paris:20260601T200000',
      'DTEND;TZID=Europe/Paris:20260601T210000',
      'RRULE:FREQ=DAILY;UNTIL=20260603T180000Z',
      'SUMMARY:u',
    ),
  );
  expect(times(until, 'u').map((time) => time.slice(0, 17))).toEqual([
    '2026-06-01T18:00Z',
    '2026-06-02T18:00Z',
    '2026-06-03T18:00Z',
  ]);
  const counted = read(
    calendar(
      'DTSTART;VALUE=DATE:20260131',
      'RRULE:FREQ=MONTHLY;COUNT=3',
      'RDATE;VALUE=DATE:20260215',
      'SUMMARY:m',
    ),
    'UTC',
  );
  expect(times(counted, 'm').map((time) => time.slice(0, 10))).toEqual([
    '2026-01-31',
    '2026-02-15',
    '2026-03-31',
    '2026-05-31',
  ]);
});

test('an event that began before the window and lasts into it counts; one outside does not', () => {
  const text = calendar('DTSTART:20251231T230000Z', 'DTEND:20260101T010000Z', 'SUMMARY:night');
  expect(read(text).events).toHaveLength(1);
  expect(read(text.replace('T010000Z', 'T000000Z')).events).toHaveLength(0);
});

test('a rule that never comes true ends all the same', () => {
  const reading = read(
    calendar('DTSTART:20260101T100000Z', 'RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30', 'SUMMARY:never'),
  );
  expect(times(reading, 'never').length).toBeLessThanOrEqual(1);
});
