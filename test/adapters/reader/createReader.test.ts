/** Documents that try to keep a reader busy or fill its memory, read in real processes: each costs only itself. */
import { createReader } from '../../../adapters/reader';
import type { Reader } from '../../../adapters/reader/createReader';
import { type FeedInput, feedDefinition } from '../../../core/events/feed';

jest.setTimeout(60_000);

const nowMs = Date.parse('2026-11-24T12:00:00Z');
const rules = [{ name: 'sale', keywords: ['sale'] }];
const feed = (more: Partial<FeedInput> = {}) =>
  feedDefinition.parse({
    ...{ name: 'matches', type: 'calendar', url: 'http://x/', categories: ['football'] },
    ...more,
  });
const calendar = (...lines: string[]) =>
  ['BEGIN:VCALENDAR', 'BEGIN:VEVENT', 'UID:u1', ...lines, 'END:VEVENT', 'END:VCALENDAR'].join('\r\n');
const day = 'DTSTART:20261101T100000Z';
const repeated = (count: number, line: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => line(index)).join('\r\n');
const stamp = (timeMs: number) => new Date(timeMs).toISOString().replace(/[-:]|\.\d+/g, '');
const zoned = (...zone: string[]) =>
  [
    ...['BEGIN:VCALENDAR', 'BEGIN:VTIMEZONE', 'TZID:Own', ...zone, 'END:VTIMEZONE', 'BEGIN:VEVENT', 'UID:u1'],
    ...['DTSTART;TZID=Own:20261101T100000', 'RRULE:FREQ=DAILY', 'END:VEVENT', 'END:VCALENDAR'],
  ].join('\r\n');
const changes = (rule: string) =>
  [
    'BEGIN:STANDARD',
    'DTSTART:19700101T000000',
    'TZOFFSETFROM:+0100',
    'TZOFFSETTO:+0200',
    rule,
    'END:STANDARD',
  ].join('\r\n');
const rss = (items: string) => `<rss version="2.0"><channel><title>t</title>${items}</channel></rss>`;
const item = (title: string, index = 0) =>
  `<item><guid>g${index}</guid><title>${title}</title><pubDate>2026-11-24T11:00:00Z</pubDate></item>`;

let reader: Reader;
beforeAll(() => {
  reader = createReader();
});
afterAll(() => reader?.close());

const failure = (reading: Promise<unknown>) =>
  reading.then(
    (read) => `read: ${JSON.stringify(read).slice(0, 200)}`,
    (error: { code?: string; message: string }) => `${error.code}: ${error.message}`,
  );

describe('a calendar is refused with line, event and limit', () => {
  test.each([
    ['a rule that no date fulfils', calendar(day, 'RRULE:FREQ=DAILY;BYMONTHDAY=31;BYMONTH=2'), 'steps'],
    [
      '200 of them',
      calendar(
        day,
        repeated(200, () => 'RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30'),
      ),
      'steps',
    ],
    ['each second', calendar(day, 'RRULE:FREQ=SECONDLY'), 'occurrences'],
    ['2^31 seconds', calendar(day, 'RRULE:FREQ=SECONDLY;COUNT=2147483648'), 'occurrences'],
    [
      'events of 350 bytes that make 200,000',
      calendar(
        day,
        repeated(4, (at) => `RRULE:FREQ=SECONDLY;INTERVAL=${at + 1}`),
      ),
      'occurrences',
    ],
    ['an interval of 2^31 days', calendar(day, 'RRULE:FREQ=DAILY;INTERVAL=2147483648'), 'steps'],
    [
      'many dates',
      calendar(
        day,
        repeated(30_000, (at) => `RDATE:${stamp(nowMs - at * 1_000)}`),
      ),
      'occurrences',
    ],
    [
      'many exceptions',
      calendar(
        day,
        'RRULE:FREQ=DAILY',
        repeated(30_000, (at) => `EXDATE:${stamp(nowMs - at * 1_000)}`),
      ),
      'occurrences',
    ],
    [
      'many events',
      calendar(
        repeated(30_000, (at) => `${day}\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:e${at}`),
        day,
      ),
      'events',
    ],
    ['many rules of a zone', zoned(repeated(3_000, () => changes('RRULE:FREQ=YEARLY'))), 'steps'],
  ])('%s', async (_, text, limit) => {
    const told = await failure(reader.readFeed(feed(), text, nowMs));
    expect(told).toMatch(/^INVALID_DATA: feed:matches, line \d+, event ".+": /);
    expect(told).toContain(`(limit: ${limit})`);
  });
});

test('a zone that changes each second costs only its event', async () => {
  const reading = await reader.readFeed(feed(), zoned(changes('RRULE:FREQ=SECONDLY')), nowMs);
  expect(reading.events).toEqual([]);
  expect(reading.problems[0]?.reason).toMatch(/time zone "Own" changes with FREQ=SECONDLY/);
});

test.each([
  [
    '1,000 whole-day exceptions of one event',
    calendar(
      ...[
        day,
        'RRULE:FREQ=HOURLY',
        `EXDATE;VALUE=DATE:${Array.from({ length: 1_000 }, () => '20261102').join()}`,
      ],
    ),
  ],
  [
    'a line folded 500,000 times',
    calendar(
      day,
      'SUMMARY:x',
      repeated(500_000, () => ' x'),
    ),
  ],
  ['500,000 line ends', `${calendar(day)}${'\n'.repeat(500_000)}`],
  [
    'a component in a component, 50,000 deep',
    calendar(
      day,
      repeated(50_000, () => 'BEGIN:VALARM'),
    ),
  ],
  [
    'one event 20,000 times',
    calendar(
      repeated(20_000, () => `${day}\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:u1`),
      day,
    ),
  ],
])('what only looks costly is read in seconds: %s', async (_, text) => {
  const began = Date.now();
  await reader.readFeed(feed(), text, nowMs);
  expect(Date.now() - began).toBeLessThan(10_000);
});

describe('news', () => {
  const news = feed({ type: 'news', rules });
  test.each([
    ['text with 2,000,000 times "<"', rss(item(`<![CDATA[sale ${'<'.repeat(2_000_000)}]]>`))],
    ['text with 500,000 tags that are not closed', rss(item(`<![CDATA[sale ${'<a '.repeat(500_000)}]]>`))],
    ['a MB of blanks', rss(item(`sale${' '.repeat(1_000_000)}`))],
  ])('%s is read in seconds', async (_, text) => {
    const began = Date.now();
    expect((await reader.readFeed(news, text, nowMs)).events).toHaveLength(1);
    expect(Date.now() - began).toBeLessThan(10_000);
  });

  test.each([
    [
      'more items than a feed may have',
      rss(Array.from({ length: 25_000 }, (_, at) => item('sale', at)).join('')),
      /limit: events/,
    ],
    ['elements in elements', rss('<a>'.repeat(500_000)), /no RSS|no feed|limit/],
    ['JSON in JSON', `${'{"a":['.repeat(500_000)}`, /no RSS/],
    ['entities', `<!DOCTYPE r [<!ENTITY a "b">]>${rss('')}`, /entities/],
  ])('%s: refused', async (_, text, reason) => {
    expect(await failure(reader.readFeed(news, text, nowMs))).toMatch(reason);
  });
});

describe('campaigns', () => {
  const campaign = feed({ type: 'campaign' });
  test.each([
    ['tiny rows', `name,start\n${'a,b\n'.repeat(600_000)}`, /limit: entries/],
    ['a quote that is never closed', `name,start,end\n"a${'x,\n'.repeat(600_000)}`, /not CSV/],
    ['nested lists', '['.repeat(2_000_000), /not JSON/],
    [
      'more categories than there are',
      `[${Array.from({ length: 3_000 }, (_, at) => JSON.stringify({ id: `${at}`, name: 'a', categories: 'abcdefghij'.split(''), start: '2026-12-01T00:00:00Z', duration: '1h' })).join()}]`,
      /limit: events/,
    ],
  ])('%s: refused', async (_, text, reason) => {
    expect(await failure(reader.readFeed(campaign, text, nowMs))).toMatch(reason);
  });
});

test('what hangs ends at the deadline, what fills the memory at its limit; others are read meanwhile', async () => {
  const hurried = createReader({ deadlineMs: 6_000 });
  const small = createReader({ heapMb: 24 });
  try {
    // The library takes quadratic time for parameters, in one call.
    const hangs = calendar(`DTSTART;${'X=1;'.repeat(1_000_000)}Y=1:20261101T100000Z`);
    const fills = calendar(day, '\r\n'.repeat(4_000_000));
    const [hanging, filling, ...others] = await Promise.all([
      failure(hurried.readFeed(feed(), hangs, nowMs)),
      failure(small.readFeed(feed({ name: 'large' }), fills, nowMs)),
      ...[1, 2, 3].map(() => hurried.readFeed(feed(), calendar(day), nowMs)),
      ...[1, 2, 3].map(() => small.readFeed(feed(), calendar(day), nowMs)),
    ]);
    expect(hanging).toBe('INVALID_DATA: feed "matches", line 2, was not read within 6 s (limit: deadline)');
    expect(filling).toMatch(/^INVALID_DATA: feed "large" needs more than 24 MB to be read \(limit: heap/);
    expect(others.map(({ events }) => events.length)).toEqual([1, 1, 1, 1, 1, 1]);
  } finally {
    await Promise.all([hurried.close(), small.close()]);
  }
});

test('who asks is idle while a document is read: ticks of the same process would not be late', async () => {
  await reader.readFeed(feed(), calendar(day), nowMs);
  const before = process.cpuUsage();
  const hourly = calendar(
    day,
    repeated(100, () => 'RRULE:FREQ=MINUTELY;BYMONTH=2;BYMONTHDAY=30'),
  );
  await Promise.all([1, 2, 3, 4].map(() => failure(reader.readFeed(feed(), hourly, nowMs))));
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1_000).toBeLessThan(200);
});

test('a reader that is closed says so', async () => {
  const closed = createReader();
  const reading = failure(closed.readFeed(feed(), calendar(day), nowMs));
  await closed.close();
  expect(await reading).toMatch(/^UNAVAILABLE: feed "matches" was not read/);
  expect(await failure(closed.readFeed(feed(), calendar(day), nowMs))).toMatch(/the reader is closed/);
});
