import { percent, rounded, shortPercent, wholePercent } from '../../../core/text/figures';

test('numbers keep three digits, whole ones from 100 on', () => {
  expect([0, 0.12345, 12.345, 123.45, 1234.5].map(rounded)).toEqual(['0', '0.123', '12.3', '123', '1235']);
});

test('shares as percentages, as exact as the place needs', () => {
  expect([0, 0.00123, 0.0123, 0.986].map(percent)).toEqual(['0 %', '0.123 %', '1.23 %', '98.6 %']);
  expect([0.004, 0.125, 1.2].map(wholePercent)).toEqual(['0 %', '13 %', '120 %']);
});

test('shares keep the digits that matter', () => {
  expect([0, 0.0001, 0.004, 0.0123, 0.986, 1].map(shortPercent)).toEqual([
    '0 %',
    '0.01 %',
    '0.4 %',
    '1.2 %',
    '98.6 %',
    '100 %',
  ]);
});
