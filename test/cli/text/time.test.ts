import { ago, countdown, lasting } from '../../../cli/text/time';

test('a span in the largest unit of which there are at least two', () => {
  expect([0, 1_400, 119_000, 120_000, 7_199_000, 7_200_000, 200_000_000].map(lasting)).toEqual([
    '0 s',
    '1 s',
    '119 s',
    '2 min',
    '120 min',
    '2 h',
    '2 d',
  ]);
});

test('a negative span lies ahead, if it is more than rounding', () => {
  expect([90_000, 0, -400, -500, -180_000].map(ago)).toEqual([
    '90 s ago',
    '0 s ago',
    '0 s ago',
    'in 1 s',
    'in 3 min',
  ]);
});

test('a display counts down in minutes and seconds', () => {
  expect([59_400, 60_000, 187_000].map(countdown)).toEqual(['59 s', '1:00 min', '3:07 min']);
});
