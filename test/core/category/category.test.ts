/** What a person writes about a category becomes settings, or a message that names the field. */
import fc from 'fast-check';
import { categoryInput, describeIssues, duration } from '../../../core/category/category';

const minimal = { name: 'checkout', match: { pathPrefix: '/checkout' } };

test('a name and a match rule are enough', () => {
  const settings = categoryInput.parse(minimal);
  expect(settings).toMatchObject({
    bin: 60_000,
    day: 86_400_000,
    lead: 300_000,
    horizons: [300_000, 900_000],
    risk: 0.01,
    nodes: { min: 1, max: 20, initial: 2 },
    mode: 'active',
  });
});

test.each([
  [{ ...minimal, match: { pathPrefix: '/a', host: 'b' } }, /match: expected exactly one of/],
  [{ ...minimal, match: { pathPrefix: 'checkout' } }, /match/],
  [{ ...minimal, risk: 0 }, /risk/],
  [{ ...minimal, lead: '30s' }, /lead: expected at least one bin/],
  [{ ...minimal, bin: '7m' }, /day: expected a whole number of bins/],
  [
    { ...minimal, nodes: { initial: 30 } },
    /nodes\.initial: expected between nodes\.min \(1\) and nodes\.max \(20\)/,
  ],
  [{ ...minimal, node: { command: [] } }, /node\.command/],
  [{ ...minimal, horizons: ['5m', 'soon'] }, /horizons\.1: expected a duration with its unit/],
])('%j is refused', (input, message) => {
  const parsed = categoryInput.safeParse(input);
  expect(parsed.success).toBe(false);
  if (!parsed.success) expect(describeIssues(parsed.error)).toMatch(message);
});

test('durations are read in ms whatever the unit', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 10_000 }),
      fc.constantFrom(['ms', 1], ['s', 1_000], ['m', 60_000], ['h', 3_600_000], ['d', 86_400_000] as const),
      (amount, [unit, ms]) => {
        expect(duration.parse(`${amount}${unit}`)).toBe(amount * Number(ms));
      },
    ),
  );
});

test('a duration of nothing, or without a unit, is refused', () => {
  for (const text of ['0s', '', '5', '-3m', '1 fortnight', 'm'])
    expect(duration.safeParse(text).success).toBe(false);
});
