/** The plan that knows the future covers every measured bin under the rules of the lead, and no cheaper one does. */
import fc from 'fast-check';
import { foresightPlan } from '../../../../core/evaluation/costs/foresight';

test('it orders the lead before the peak and gives up right after it', () => {
  const plan = foresightPlan({ counts: [5, 5, 5, 31, 5, 5], leadBins: 2, requestsPerNodeBin: 10 });
  expect([...plan]).toEqual([1, 4, 4, 4, 1, 1]);
});

test('missing bins need nothing: a window without a measured bin keeps the plan', () => {
  const counts = Float64Array.from([25, Number.NaN, Number.NaN, Number.NaN, 45]);
  expect([...foresightPlan({ counts, leadBins: 1, requestsPerNodeBin: 10 })]).toEqual([3, 3, 3, 5, 5]);
});

test('at least one node, also without any demand', () => {
  expect([...foresightPlan({ counts: [0, 0, Number.NaN], leadBins: 0, requestsPerNodeBin: 10 })]).toEqual([
    1, 1, 1,
  ]);
});

test('nothing overflows, and one node less in any bin would', () => {
  const count = fc.oneof(
    { weight: 5, arbitrary: fc.integer({ min: 0, max: 90 }) },
    { weight: 1, arbitrary: fc.constant(Number.NaN) },
  );
  fc.assert(
    fc.property(
      fc.array(count, { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 0, max: 6 }),
      (counts, lead) => {
        const plan = foresightPlan({ counts, leadBins: lead, requestsPerNodeBin: 10 });
        plan.forEach((nodes, bin) => {
          const window = counts.slice(bin, bin + lead + 1).filter((value) => !Number.isNaN(value));
          if (window.length === 0) expect(nodes).toBe(bin === 0 ? 1 : plan[bin - 1]);
          else expect(nodes).toBe(Math.max(1, Math.ceil(Math.max(...window) / 10)));
        });
      },
    ),
  );
});
