/** Figures of a tiny trace by hand, and the frontier arithmetic. */

import { autoCapacity } from '../../simulation/evaluatedTrace';
import { atEqualOverflow, costAt, excessRatios, frontierOf } from '../../simulation/frontier';
import { accountOf } from '../../simulation/replay';
import { categoryFigures, type PolicyFigures, policyFigures } from '../../simulation/scorecard';
import { traceOf } from './traces';

jest.setTimeout(120_000);

const none = Number.NaN;

test('figures of five bins by hand', () => {
  const trace = traceOf([10, 30, none, 20, 50], { leadBins: 1 });
  const planned = Int32Array.from([1, 2, 3, 3, 3]);
  const replayed = { trace, planned, ...accountOf(trace, planned), peaks: null };
  // Takes traffic: 1 1 2 3 3; overflow 0, 20, -, 0, 20; the missing bin costs nothing.
  const figures = categoryFigures(replayed, Float64Array.from([none, 25, 30, 55, 60]));
  expect(figures).toMatchObject({
    bins: 4,
    missingBins: 1,
    demand: 11,
    overflow: 4,
    overflowBins: 2,
    cost: 1 + 2 + 3 + 3,
    // Knows 3 3 - 5 5 (bin 2 sees only bin 3: 2).
    foresightCost: 3 + 3 + 5 + 5,
    scaleActions: 2,
    // Peaks 30, 30, 20, 50; the last window reaches past the end. Capacity 10, 20, 30, 30.
    decisions: 4,
    exceeded: 3,
    quantileDecisions: 3,
    quantileExceeded: 1,
  });
  expect(policyFigures('pam', '0.1', 0.1, [figures, figures])).toMatchObject({
    overflowRate: 4 / 11,
    overflowBins: 0.5,
    cost: 18,
    costRatio: 9 / 16,
    realizedRisk: 3 / 4,
    realizedQuantileRisk: 1 / 3,
  });
});

test('a category without demand has figures, not NaN', () => {
  const trace = traceOf([0, 0, none]);
  const planned = Int32Array.from([1, 1, 1]);
  const figures = categoryFigures({ trace, planned, ...accountOf(trace, planned), peaks: null }, null);
  expect(policyFigures('reactive', '0.5', null, [figures])).toMatchObject({ overflowRate: 0, costRatio: 1 });
});

test('capacity auto: the 99.9th percentile needs forty nodes; an idle category still has a size', () => {
  const counts = Float64Array.from({ length: 1_001 }, (_, index) => index);
  expect(autoCapacity(counts)).toBeCloseTo(999 / 40, 10);
  expect(autoCapacity(Float64Array.from([...Array(5_000).fill(0), 8, none]))).toBeCloseTo(8 / 40, 10);
  expect(autoCapacity(Float64Array.from([0, 0]))).toBe(1);
  expect(autoCapacity(Float64Array.from([none]))).toBe(1);
});

const point = (policy: string, knob: string, overflowRate: number, cost: number): PolicyFigures => ({
  ...policyFigures(policy, knob, null, []),
  overflowRate,
  cost,
  foresightCost: 100,
});

test('a frontier keeps what nothing beats; cost is linear in the logarithm of overflow', () => {
  const frontier = frontierOf([
    point('a', '1', 0.1, 100),
    point('a', '2', 0.001, 300),
    point('a', '3', 0.01, 400),
  ]);
  expect(frontier.map(({ knob }) => knob)).toEqual(['1', '2']);
  expect(costAt(frontier, 0.01)).toBeCloseTo(200, 10);
  expect(costAt(frontier, 0.001)).toBe(300);
  expect(costAt(frontier, 0.2)).toBeNull();
  expect(costAt(frontier, 0.0005)).toBeNull();
});

test('excess ratios compare where both frontiers reach', () => {
  const figures = [
    point('pam', '0.3', 0.01, 110),
    point('pam', '0.01', 0.001, 130),
    point('reactive', '0.9', 0.02, 120),
    point('reactive', '0.5', 0.002, 180),
    point('foresight', 'exact', 0, 100),
  ];
  const [against] = excessRatios(figures);
  expect(against!.rival).toBe('reactive');
  expect(against!.at.map(({ overflowRate }) => overflowRate)).toEqual([0.01, 0.003]);
  // Reactive at 1 %: 120 + 60·log(2)/log(10); PAM is at one of its points.
  expect(against!.at[0]!.ratio).toBeCloseTo(10 / (20 + 60 * Math.log10(2)), 10);
  expect(against!.mean).toBeCloseTo((against!.at[0]!.ratio + against!.at[1]!.ratio) / 2, 12);
  expect(atEqualOverflow(figures)).toEqual([
    { knob: '0.3', rival: 'reactive', overflowRate: 0.01, ratio: expect.closeTo(against!.at[0]!.ratio, 10) },
  ]);
});
