/** The owner's guards around a plan, and when an error budget counts as spent. */
import fc from 'fast-check';
import { errorBudgetBreach, type ServedBin } from '../../../core/capacity/errorBudget';
import { type GuardInput, withGuards } from '../../../core/capacity/guards';
import type { Plan } from '../../../core/capacity/plan';

const plan: Plan = { required: 10, planned: 10, rule: 'forecast', reason: 'asked' };
const input: GuardInput = {
  atMs: 1_000,
  provisioned: 4,
  previousPlanned: 4,
  nodes: { min: 1, max: 20 },
  maintenance: [],
  breach: null,
  breachHeadroom: 0.25,
};
const breach = { share: 0.05, badBins: 9, measuredBins: 60 };

test('without guards a plan passes untouched', () => {
  expect(withGuards(plan, input)).toBe(plan);
});

test.each([
  [10, { maxStepUp: 3 }, 7, 'at most 3 added'],
  [1, { maxStepDown: 2 }, 2, 'at most 2 given up'],
])('a step to %i is limited by %j', (planned, limits, expected, words) => {
  const limited = withGuards({ ...plan, planned }, { ...input, nodes: { ...input.nodes, ...limits } });
  expect(limited).toMatchObject({ planned: expected, rule: 'bounded-by-step' });
  expect(limited.reason).toContain(words);
});

test('a pause and an override stand above maintenance, budget and step', () => {
  const all = {
    ...input,
    breach,
    nodes: { ...input.nodes, maxStepUp: 1 },
    maintenance: [{ fromMs: 0, toMs: 2_000, reason: 'switch' }],
  };
  for (const rule of ['paused', 'override'] as const)
    expect(withGuards({ ...plan, rule }, all)).toEqual({ ...plan, rule });
  expect(withGuards(plan, all)).toMatchObject({ planned: 4, rule: 'maintenance' });
});

test('guards keep planned within the bounds, and a limited step leads to the plan in the end', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 6 }),
      fc.boolean(),
      (wanted, from, step, breached) => {
        let previousPlanned = from;
        for (let decision = 0; decision < 20; decision++) {
          const next = withGuards(
            { ...plan, planned: wanted },
            {
              ...input,
              previousPlanned,
              breach: breached ? breach : null,
              nodes: { min: 1, max: 20, maxStepUp: step, maxStepDown: step },
            },
          ).planned;
          expect(Math.abs(next - previousPlanned)).toBeLessThanOrEqual(step);
          previousPlanned = next;
        }
        expect(previousPlanned).toBe(breached ? Math.max(wanted, from) : wanted);
      },
    ),
  );
});

const served = (late: number, requests = 1_000): ServedBin => ({ requests, late, errors: 0 });
const bins = (bad: number, late: number, of = 60): ServedBin[] =>
  Array.from({ length: of }, (_, index) => served(index < bad ? late : 0));

test.each<[string, ServedBin[], boolean]>([
  ['no bins', [], false],
  ['nothing measured', [{ requests: 100, late: null, errors: null }], false],
  ['one bin wholly late', bins(1, 1_000), false],
  ['a tenth of the bins at 20 %', bins(6, 200), true],
  ['every bin at half of the budget', bins(60, 5), false],
  ['every bin at twice the budget', bins(60, 20), true],
  ['errors count as late requests do', bins(0, 0).map((bin) => ({ ...bin, errors: 30 })), true],
])('%s', (_, measured, expected) => {
  expect(errorBudgetBreach(measured, 0.01) !== null).toBe(expected);
});

test('chance alone seldom spends the budget: a few late of few requests are none', () => {
  expect(errorBudgetBreach([served(1, 20), served(1, 20), served(0, 20)], 0.01)).toBeNull();
});
