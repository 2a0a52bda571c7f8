/** News through rules: which items matter, to whom, when and how much. */
import { statedLog } from '../../../core/events/event';
import { eventsOfNews, matches, type NewsItem, newsRule } from '../../../core/events/newsRules';
import { shortId } from '../../../core/events/shortId';

const published = Date.parse('2026-11-24T12:00:00Z');
const item = (more: Partial<NewsItem> = {}): NewsItem => ({
  id: 'urn:1',
  title: 'Großer Flash-Sale startet',
  text: 'Nur heute: alles 50 % billiger.',
  publishedMs: published,
  sources: ['Shop News', 'https://news.example/1'],
  ...more,
});
const rule = (more: object) => newsRule.parse({ keywords: ['flash sale'], ...more });

test.each([
  ['words side by side, whatever joins them', { keywords: ['FLASH SALE'] }, true],
  ['part of a word', { keywords: ['sal'] }, false],
  ['letters beyond ASCII', { keywords: ['großer'] }, true],
  ['in the text', { keywords: ['nothing', 'billiger'] }, true],
  ['a sign alone', { keywords: ['%'] }, true],
  ['not with an excluded word', { keywords: ['flash sale'], without: ['heute'] }, false],
  ['a source by part of its name', { keywords: [], sources: ['shop news'] }, true],
  ['a source by address, and a key word', { keywords: ['flash'], sources: ['news.example'] }, true],
  ['another source', { keywords: ['flash'], sources: ['elsewhere'] }, false],
])('matching: %s', (_, terms, expected) => {
  expect(matches(newsRule.parse(terms), item())).toBe(expected);
});

test('a rule without key words and sources is refused: it would match everything', () => {
  expect(newsRule.safeParse({ uplift: 2 }).success).toBe(false);
});

test('delay, size and decay become times and uplift of an event with a steady id', () => {
  const feed = {
    source: 'feed:news',
    rules: [rule({ name: 'Sale', delay: '10m', uplift: 4, halfLife: '30m', categories: ['checkout'] })],
    categories: ['search'],
  };
  const [found] = eventsOfNews([item()], feed);
  expect(found).toEqual({
    category: 'checkout',
    event: {
      id: 'urn:1#sale',
      kind: 'sale',
      title: 'Großer Flash-Sale startet',
      startMs: published + 600_000,
      endMs: published + 600_000 + 4 * 1_800_000,
      expectedUplift: 4,
      halfLifeMs: 1_800_000,
      source: 'feed:news',
    },
  });
  expect(eventsOfNews([item({ title: 'Flash sale, updated' })], feed)[0]?.event.id).toBe('urn:1#sale');
  const start = found!.event.startMs;
  expect(Math.exp(statedLog(found!.event, start))).toBeCloseTo(4);
  expect(Math.exp(statedLog(found!.event, start + 1_800_000))).toBeCloseTo(2);
  expect(Math.exp(statedLog(found!.event, found!.event.endMs))).toBeCloseTo(4 ** (1 / 16));
});

test('several rules and categories: one event a kind and category, the first rule counts', () => {
  const found = eventsOfNews([item()], {
    source: 'feed:news',
    rules: [rule({ name: 'sale', uplift: 3 }), rule({ name: 'sale', uplift: 9 }), rule({ name: 'hype' })],
    categories: ['a', 'b'],
  });
  expect(found.map(({ category, event }) => `${category} ${event.kind} ${event.expectedUplift}`)).toEqual([
    'a sale 3',
    'b sale 3',
    'a hype undefined',
    'b hype undefined',
  ]);
});

test('long ids are cut, and differ when they differed only at their end', () => {
  const long = 'x'.repeat(500);
  expect(shortId('short')).toBe('short');
  expect(shortId(`${long}1`)).toHaveLength(200);
  expect(shortId(`${long}1`)).not.toBe(shortId(`${long}2`));
  expect(shortId(`${long}1`)).toBe(shortId(`${long}1`));
});
