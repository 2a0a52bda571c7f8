/** Campaigns, news and calendars as people and programs write them: good parts are kept, bad ones named. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readCalendar } from '../../../adapters/calendar/readCalendar';
import { readFeed } from '../../../adapters/feeds/readFeed';
import { type FeedInput, feedDefinition } from '../../../core/events/feed';

const now = Date.parse('2026-11-24T12:00:00Z');
const read = (more: Partial<FeedInput>, text: string, nowMs = now) =>
  readFeed(
    feedDefinition.parse({ name: 'sales', type: 'campaign', url: 'http://x/', ...more }),
    text,
    nowMs,
    readCalendar,
  );
const told = ({ events }: ReturnType<typeof read>) =>
  events.map(
    ({ category, event }) =>
      `${category}: ${event.title} ${new Date(event.startMs).toISOString().slice(0, 16)}/${new Date(event.endMs).toISOString().slice(0, 16)} ${event.expectedUplift}`,
  );

describe('campaigns', () => {
  test('CSV: other names of columns, several categories, percentages; bad rows named by line', () => {
    const reading = read(
      { categories: ['shop'] },
      [
        '\uFEFFCampaign;Categories;From;To;Expected uplift;Note',
        'Black Week 2026;checkout|search;2026-11-27T00:00:00+01:00;2026-11-30T00:00:00+01:00;3;big',
        '"Mail; to all";;2026-12-01 09:00Z;2026-12-01 12:00Z;+50 %;',
        '',
        'Backwards;;2026-12-02T09:00Z;2026-12-01T09:00Z;2;',
        'Tomorrow;;tomorrow;2026-12-01T09:00Z;2;',
        'Too big;;2026-12-02T09:00Z;2026-12-02T10:00Z;many;',
        'Christmas;;2026-12-24;2026-12-26;2,5;',
        ';;2026-12-24;2026-12-26;2,5;',
        'Capital;Checkout;2026-12-24;2026-12-26;2;',
      ].join('\r\n'),
    );
    expect(told(reading)).toEqual([
      'checkout: Black Week 2026 2026-11-26T23:00/2026-11-29T23:00 3',
      'search: Black Week 2026 2026-11-26T23:00/2026-11-29T23:00 3',
      'shop: Mail; to all 2026-12-01T09:00/2026-12-01T12:00 1.5',
      'shop: Christmas 2026-12-24T00:00/2026-12-27T00:00 2.5',
    ]);
    expect(reading.events[0]?.event).toMatchObject({ kind: 'black week', source: 'feed:sales' });
    expect(reading.problems.map(({ line, reason }) => `${line} ${reason.slice(0, 40)}`)).toEqual([
      '0 has times without a zone: they were read',
      '5 left out: end: 2026-12-01T09:00Z is not ',
      '6 left out: start: "tomorrow" is not a tim',
      '7 left out: uplift: expected a number such',
      '9 left out: name: expected a name',
      '10 left out: categories.0: expected 1 to 40',
    ]);
  });

  test('a zone keeps days whole when clocks change', () => {
    const reading = read(
      { categories: ['shop'], zone: 'Europe/Paris', past: '900d', ahead: '900d' },
      'name,start,end\nDay,2026-10-25,2026-10-25\n',
    );
    expect(told(reading)).toEqual(['shop: Day 2026-10-24T22:00/2026-10-25T23:00 undefined']);
    expect(reading.problems).toEqual([]);
  });

  test('JSON: a list or {"campaigns"}; called off, twice the same id, not an object', () => {
    const rows = [
      { id: 1, name: 'A', category: 'checkout', start: '2026-12-01T00:00:00Z', duration: '2h', uplift: 2 },
      { id: 1, name: 'A again', category: 'checkout', start: '2026-12-01T00:00:00Z', duration: '2h' },
      {
        id: 'off',
        name: 'B',
        categories: ['checkout'],
        start: '2026-12-01T00:00:00Z',
        duration: '2h',
        status: 'Cancelled',
      },
      'nonsense',
      {
        name: 'both',
        category: 'x',
        start: '2026-12-01T00:00:00Z',
        duration: '2h',
        end: '2026-12-02T00:00:00Z',
      },
    ];
    for (const text of [JSON.stringify(rows), JSON.stringify({ campaigns: rows })]) {
      const reading = read({}, text);
      expect(told(reading)).toEqual(['checkout: A 2026-12-01T00:00/2026-12-01T02:00 2']);
      expect(reading.cancelled).toEqual(['off']);
      expect(reading.problems.map(({ line }) => line)).toEqual([2, 4, 5]);
    }
  });

  test.each([
    ['an error page', '<html><body>Please log in</body></html>'],
    ['JSON cut off', '[{"name":"A"'],
    ['JSON of something else', '{"error":"no"}'],
    ['a CSV of something else', 'id,price\n1,2\n'],
    ['nothing', ''],
  ])('%s is INVALID_DATA', (_, text) => {
    expect(() => read({}, text)).toThrow(expect.objectContaining({ code: 'INVALID_DATA' }));
  });
});

describe('news', () => {
  const rules = [{ name: 'sale', keywords: ['sale'], uplift: 2 }];
  const news = (text: string) => read({ type: 'news', categories: ['shop'], rules }, text);
  const rss = (items: string) =>
    `<?xml version="1.0"?><rss version="2.0"><channel><title>Shop</title>${items}</channel></rss>`;

  test.each([
    [
      'RSS',
      rss(
        '<item><title>Big &amp; bold sale</title><guid>g1</guid><pubDate>Tue, 24 Nov 2026 11:00:00 +0000</pubDate></item>',
      ),
      'g1#sale',
    ],
    [
      'RSS without guid, in CDATA',
      rss(
        '<item><title>News</title><link>http://a/b</link><description><![CDATA[<p>A <b>sale</b>!</p>]]></description><pubDate>Tue, 24 Nov 2026 12:00:00 +0100</pubDate></item>',
      ),
      'http://a/b#sale',
    ],
    [
      'Atom',
      '<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title><entry><title type="html">The &lt;i&gt;sale&lt;/i&gt;</title><id>urn:1</id><updated>2026-11-24T11:00:00Z</updated></entry></feed>',
      'urn:1#sale',
    ],
    [
      'RDF',
      '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="c"><title>c</title></channel><item rdf:about="http://a/1"><title>Sale</title><link>http://a/1</link><dc:date>2026-11-24T11:00:00Z</dc:date></item></rdf:RDF>',
      'http://a/1#sale',
    ],
    [
      'JSON Feed',
      JSON.stringify({
        version: 'https://jsonfeed.org/version/1.1',
        title: 't',
        items: [{ id: '7', content_html: '<p>sale</p>', date_published: '2026-11-24T11:00:00Z' }],
      }),
      '7#sale',
    ],
  ])('%s', (_, text, id) => {
    const { events, complete } = news(text);
    expect(events.map(({ event }) => [event.id, new Date(event.startMs).toISOString()])).toEqual([
      [id, '2026-11-24T11:00:00.000Z'],
    ]);
    expect(complete).toBe(false);
  });

  test('items without a date are left out and named, old ones are out of the window', () => {
    const { events, problems } = news(
      rss(
        '<item><title>sale one</title></item><item><title>sale two</title><pubDate>soon</pubDate></item><item><title>sale three</title><pubDate>Tue, 24 Nov 2020 11:00:00 +0000</pubDate></item>',
      ),
    );
    expect(events).toEqual([]);
    expect(problems.map(({ line }) => line)).toEqual([1, 2]);
  });

  test('nested entities are refused, external ones never read', () => {
    const bomb = `<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "sale"><!ENTITY b "&a;&a;">]>${rss('<item><title>&b;</title></item>').slice(21)}`;
    expect(() => news(bomb)).toThrow(/declares XML entities/);
    expect(() => news(`<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>${rss('')}`)).toThrow(
      /entities/,
    );
    expect(() => news('<html>')).toThrow(/is no RSS, Atom or JSON feed/);
  });
});

describe('real calendars', () => {
  const folder = join(process.env.PAM_TRACES ?? '', 'calendars');
  const real = existsSync(folder) ? test : test.skip;

  real('the matches of 1998 as seen in that June', () => {
    const text = readFileSync(join(folder, 'wc98_matches.ics'), 'utf8');
    const reading = read(
      { type: 'calendar', categories: ['football', 'news'] },
      text,
      Date.parse('1998-06-20T00:00:00Z'),
    );
    expect(reading.events).toHaveLength(2 * 64);
    expect(new Set(reading.events.map(({ event }) => event.kind))).toContain('group stage');
    expect(reading.problems.filter(({ line }) => line > 0)).toEqual([]);
  });

  real('French holidays: only those in the window, whole days in Paris', () => {
    const text = readFileSync(join(folder, 'fr_public_holidays_metropole.ics'), 'utf8');
    const reading = read(
      {
        type: 'calendar',
        categories: ['shop'],
        zone: 'Europe/Paris',
        past: '1d',
        ahead: '365d',
        kind: 'holiday',
      },
      text,
      Date.parse('2024-01-01T12:00:00Z'),
    );
    expect(reading.events.length).toBeGreaterThanOrEqual(10);
    expect(reading.events.length).toBeLessThanOrEqual(13);
    for (const { event } of reading.events) {
      expect(event.kind).toBe('holiday');
      expect(event.endMs - event.startMs).toBe(24 * 3_600_000);
    }
  });
});
