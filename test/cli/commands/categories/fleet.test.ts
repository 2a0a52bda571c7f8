/** What `pam fleet` reads and prints. */
import { describeFleet, readMax } from '../../../../cli/commands/categories/fleet';

test('the budget is a whole number, none, or not given', () => {
  expect(readMax('40')).toBe(40);
  expect(readMax('none')).toBeNull();
  expect(readMax(undefined)).toBeUndefined();
  for (const wrong of ['-1', '4.5', 'many', '']) expect(() => readMax(wrong)).toThrow(/--max .*whole number/);
});

test('who got how many, and why less', () => {
  const demand = { probabilities: [], peak: [] };
  const claim = { wish: 15, min: 1, weight: 2, requestsPerNodeBin: 100, demand, granted: 15 };
  const text = describeFleet(20, [
    { ...claim, category: 'checkout', reason: null, claimedMs: 0 },
    { ...claim, category: 'search', granted: 5, reason: 'fleet budget of 20: 5 of 15 granted', claimedMs: 0 },
  ]);
  expect(text).toMatch(/^budget 20, 30 wished, 20 granted\n/);
  expect(text).toMatch(/checkout +15 +15 +1 +2 +1970-01-01T00:00:00Z +-\n/);
  expect(text).toMatch(/search +15 +5 .* fleet budget of 20: 5 of 15 granted\n/);
  expect(describeFleet(null, [])).toBe(
    'no budget, 0 wished, 0 granted: no active category has decided yet\n',
  );
});
