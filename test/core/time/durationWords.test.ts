import { durationInWords } from '../../../core/time/durationWords';

test.each([
  [0, '0 s'],
  [2_500, '2.5 s'],
  [60_000, '1 min'],
  [90_000, '90 s'],
  [450_000, '7.5 min'],
  [6_000_000, '100 min'],
  [3 * 3_600_000, '3 h'],
])('%d ms is %s', (ms, words) => {
  expect(durationInWords(ms)).toBe(words);
});
