import { type DemoArguments, demoOptions } from '../../../../cli/demo/workload/options';

const base: DemoArguments = { minutes: 75, bin: '3s', lead: 5, risk: 0.01, peakRate: 60, seed: 1 };

test('lists may be repeated or separated by spaces, as make hands them over', () => {
  const options = demoOptions({
    ...base,
    trace: ['football=a.csv isp=b.csv', 'social=c.csv'],
    calendar: ['football=m.ics'],
    from: ['football=1998-07-08T18:35Z 1995-09-07T17:00-04:00'],
  });
  expect([...options.traces]).toEqual([
    ['football', 'a.csv'],
    ['isp', 'b.csv'],
    ['social', 'c.csv'],
  ]);
  expect(options.from.get('football')).toBe('1998-07-08T18:35Z');
  expect(options.fromForAll).toBe('1995-09-07T17:00-04:00');
  expect(options.binMs).toBe(3_000);
});

test('empty variables of make are no options', () => {
  expect(demoOptions({ ...base, trace: [''], from: [' '] }).traces.size).toBe(0);
});

test.each([
  [{ trace: ['football'] }, '--trace "football": expected NAME=VALUE'],
  [{ trace: ['Foot=a.csv'] }, '--trace "Foot": expected 1 to 40 lower-case'],
  [{ trace: ['a=x', 'a=y'] }, '--trace "a" is named twice'],
  [{ trace: ['a=x'], calendar: ['b=y'] }, '--calendar "b" is not the name of a trace; expected one of a'],
  [{ trace: ['a=x'], compareCalendar: true }, '--compare-calendar there is nothing to compare'],
  [{ from: ['2026-01-01T00:00Z'] }, 'the generated workload has its own start'],
  [{ trace: ['a=x'], from: ['2026-01-01T00:00Z 2026-01-02T00:00Z'] }, 'expected one instant for all'],
  [{ bin: '3' }, '--bin "3": expected a duration'],
  [{ bin: '200ms' }, 'at least 1s'],
  [{ minutes: 2 }, '--minutes 2: expected a number from 10'],
  [{ minutes: Number.NaN }, '--minutes NaN'],
  [{ risk: 0.7 }, '--risk 0.7'],
  [{ lead: 2 }, '--lead 2: expected a number from 5'],
  [{ lead: 7.5 }, '--lead 7.5: expected whole bins'],
])('%j is refused with what would be right', (change, message) => {
  expect(() => demoOptions({ ...base, ...change })).toThrow(message);
});
