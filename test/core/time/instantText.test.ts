import {
  dayAndMinute,
  dayAndSecond,
  instantText,
  secondText,
  timeOfDay,
} from '../../../core/time/instantText';

const whole = Date.UTC(2026, 5, 11, 19, 0, 7);

test('files get the exact instant, with milliseconds only if there are any', () => {
  expect(instantText(whole)).toBe('2026-06-11T19:00:07Z');
  expect(instantText(whole + 250)).toBe('2026-06-11T19:00:07.250Z');
});

test('people get it cut to what the place needs', () => {
  expect(secondText(whole + 250)).toBe('2026-06-11T19:00:07Z');
  expect(dayAndSecond(whole)).toBe('2026-06-11 19:00:07Z');
  expect(dayAndMinute(whole)).toBe('2026-06-11 19:00');
  expect(timeOfDay(whole)).toBe('19:00:07');
});
