/** Reading and summing historical requests, without files: nothing gets lost, nothing is guessed. */
import fc from 'fast-check';
import { BinAccumulator } from '../../../core/demand/import/binAccumulator';
import { readColumnMap, recognizeColumns } from '../../../core/demand/import/columns';
import { readTimestamp } from '../../../core/time/timestamps';
import { wallClock } from '../../../core/time/wallClock';

test('the sum of what leaves is the sum of what entered, per category, source and bin, however often it is emptied', () => {
  const observation = fc.record({
    atMs: fc.integer({ min: -1_000_000, max: 1_000_000 }),
    category: fc.constantFrom('a', 'b'),
    source: fc.constantFrom('x', 'x y', 'y'),
    requests: fc.integer({ min: 0, max: 1_000 }),
    busySeconds: fc.option(fc.integer({ min: 0, max: 50 })),
    latencyMs: fc.constant(null),
    errors: fc.option(fc.integer({ min: 0, max: 5 })),
  });
  fc.assert(
    fc.property(
      fc.array(observation, { maxLength: 200 }),
      fc.constantFrom(1_000, 60_000, 7),
      fc.integer({ min: 1, max: 9 }),
      (rows, binMs, mostParts) => {
        const accumulator = new BinAccumulator(binMs, mostParts);
        const parts = rows.flatMap((row) => {
          accumulator.add(row);
          return accumulator.full ? accumulator.take() : [];
        });
        parts.push(...accumulator.take());
        const sums = new Map<string, number>();
        const add = (key: string, value: number) => sums.set(key, (sums.get(key) ?? 0) + value);
        for (const row of rows) {
          const key = `${row.category}/${row.source}/${row.atMs - (((row.atMs % binMs) + binMs) % binMs)}`;
          add(`requests ${key}`, row.requests);
          add(`busy ${key}`, row.busySeconds ?? 0);
          add(`errors ${key}`, row.errors ?? 0);
        }
        for (const part of parts) {
          const key = `${part.category}/${part.source}/${part.startMs}`;
          add(`requests ${key}`, -part.requests);
          add(`busy ${key}`, -(part.busySeconds ?? 0));
          add(`errors ${key}`, -(part.errors ?? 0));
        }
        expect([...sums.values()].every((rest) => rest === 0)).toBe(true);
      },
    ),
  );
});

test('a wall clock shows the instants that it names, at every time of years with changing clocks', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(
        'America/New_York',
        'Europe/Paris',
        'Australia/Lord_Howe',
        'Asia/Kolkata',
        '-03:30',
        'UTC',
      ),
      fc.integer({ min: Date.UTC(1995, 0), max: Date.UTC(2030, 0) }),
      (zone, instantMs) => {
        const shown = shownIn(zone, instantMs);
        expect(wallClock(zone).instants(shown)).toContain(instantMs);
      },
    ),
  );
});

/** Independent of the code under test: the runtime's own formatting of the instant. */
function shownIn(zone: string, instantMs: number): number {
  if (zone === '-03:30') return instantMs - 12_600_000;
  const text = new Date(instantMs).toLocaleString('sv-SE', { timeZone: zone });
  return Date.parse(`${text.replace(' ', 'T')}Z`) + (((instantMs % 1_000) + 1_000) % 1_000);
}

test('skipped times have no instant, repeated ones two; unknown zones are refused by name', () => {
  const paris = wallClock('Europe/Paris');
  expect(paris.instants(Date.UTC(2026, 2, 29, 2, 30))).toEqual([]);
  expect(paris.instants(Date.UTC(2026, 9, 25, 2, 30))).toEqual([
    Date.UTC(2026, 9, 25, 0, 30),
    Date.UTC(2026, 9, 25, 1, 30),
  ]);
  expect(() => wallClock('Mars/Olympus')).toThrow('unknown time zone "Mars/Olympus"');
});

test('timestamps: formats that are certain are read, all others refused with the reason', () => {
  const iso = { unit: 'iso', clock: null, ambiguous: 'reject' } as const;
  const noon = Date.UTC(2026, 4, 4, 12);
  for (const text of [
    '2026-05-04T12:00:00Z',
    '2026-05-04 12:00Z',
    '2026-05-04T14:00:00.000+02:00',
    '2026-05-04T07:30:00-0430',
    '2026-05-04T12:00:00 UTC',
  ])
    expect(readTimestamp(text, iso)).toBe(noon);
  expect(readTimestamp('2026-05-04', { ...iso, clock: wallClock('+02:00') })).toBe(Date.UTC(2026, 4, 3, 22));
  expect(readTimestamp('1777896000', { ...iso, unit: 's' })).toBe(noon);
  expect(readTimestamp('1777896000000', { ...iso, unit: 's' })).toContain('is it milliseconds');
  expect(readTimestamp('1777896000', iso)).toContain('a number without a unit');
  expect(readTimestamp('2026-05-04T12:00:00', iso)).toContain('--zone');
  expect(readTimestamp('04/05/2026 12:00', iso)).toContain('expected ISO 8601');
  expect(readTimestamp('2026-04-31T12:00:00Z', iso)).toContain('not a time that exists');
  expect(readTimestamp('', iso)).toBe('the timestamp is empty');
});

describe('columns', () => {
  const recognize = (names: string[], map = '') => recognizeColumns(names, readColumnMap(map), 'f.csv');

  test('both shapes by their header, without case; mapped names win', () => {
    expect(recognize(['timestamp_iso', 'category', 'count']).shape).toBe('counts');
    expect(recognize(['Timestamp', 'Type', 'resource_ms', 'source']).shape).toBe('requests');
    const { shape, columns } = recognize(['ts', 'category', 'n', 'route'], 'count=n,type=route');
    expect(shape).toBe('counts');
    expect([...columns]).toEqual(
      expect.arrayContaining([
        ['count', 'n'],
        ['type', 'route'],
        ['timestamp', 'ts'],
      ]),
    );
  });

  test('what could be misread is asked about, not guessed', () => {
    expect(() => recognize(['timestamp', 'category', 'value'])).toThrow('--map count=value');
    expect(() => recognize(['timestamp', 'type', 'resource_consumption'])).toThrow('does not say its unit');
    expect(() => recognize(['when', 'type'])).toThrow('no timestamp column among "when", "type"');
    expect(() => recognize(['timestamp'], 'type=route')).toThrow('names a column that is not there');
    expect(() => readColumnMap('colour=red')).toThrow('expected FIELD=COLUMN');
  });
});
