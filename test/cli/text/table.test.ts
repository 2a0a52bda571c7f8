import { fitted, table } from '../../../cli/text/table';

test('cut text says that it was cut; columns are aligned', () => {
  expect(fitted('abcdef', 4)).toBe('abc…');
  expect(fitted('abc', 4)).toBe('abc');
  expect(
    table([
      ['a', 'long', '1'],
      ['bbb', 'x', '22'],
    ]),
  ).toEqual(['a    long   1', 'bbb     x  22']);
});

test('wide characters take two places of a terminal', () => {
  expect(
    table([
      ['双十一', '1'],
      ['sale', '22'],
    ]),
  ).toEqual(['双十一   1', 'sale    22']);
  expect(fitted('双十一', 5)).toBe('双十…');
  expect(fitted('双十一', 4)).toBe('双…');
});
