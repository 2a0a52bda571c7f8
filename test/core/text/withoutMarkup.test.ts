/** Markup out, words in: also where it is damaged, in a time that grows with the text only. */
import { withoutEnding } from '../../../core/text/withoutEnding';
import { withoutMarkup } from '../../../core/text/withoutMarkup';

test.each([
  ['<p>A <b>sale</b>!</p>', 'A sale !'],
  ['plain', 'plain'],
  ['a < b and c', 'a < b and c'],
  ['a < b > c', 'a c'],
  ['<<a>>', '>'],
  ['one&nbsp;two\n three', 'one two three'],
  ['', ''],
])('%s → %s', (html, words) => {
  expect(withoutMarkup(html)).toBe(words);
});

test.each([
  ['/api//', '/api'],
  ['///', ''],
  ['/a/b', '/a/b'],
])('%s without its last slashes is %s', (path, rest) => {
  expect(withoutEnding(path, '/')).toBe(rest);
});

test('five million "<" take no longer than five million letters by much', () => {
  const began = performance.now();
  withoutMarkup('<'.repeat(5_000_000));
  withoutMarkup('< '.repeat(2_500_000));
  withoutEnding(`${'/'.repeat(5_000_000)}a`, '/');
  expect(performance.now() - began).toBeLessThan(3_000);
});
