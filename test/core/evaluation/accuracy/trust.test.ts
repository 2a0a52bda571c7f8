/** When the last value stands in for a model, and when the model comes back. */
import { sumsOf } from '../../../../core/evaluation/accuracy/accuracy';
import { trustOf } from '../../../../core/evaluation/accuracy/trust';

const sums = (lossRatio: number, scores = 480) => ({
  ...sumsOf([]),
  scores,
  loss: 100 * lossRatio,
  baselineLoss: 100,
});

test('comes at 1.2 times the loss of the last value and goes below 1: no flutter in between', () => {
  const at = [0.6, 1.1, 1.25, 1.1, 1.02, 1.19, 0.98, 1.1];
  let distrust = null;
  const instead: boolean[] = [];
  for (const [hour, ratio] of at.entries()) {
    distrust = trustOf(distrust, 'm1', sums(ratio), hour);
    instead.push(distrust !== null);
  }
  expect(instead).toEqual([false, false, true, true, true, true, false, false]);
});

test('says what and since when, and keeps the time while it lasts', () => {
  const first = trustOf(null, 'm1', sums(1.5), 7);
  expect(first).toEqual({
    modelId: 'm1',
    sinceMs: 7,
    reason: 'over 480 decisions the loss of the model was 1.50 times that of the last value',
  });
  expect(trustOf(first, 'm1', sums(1.4), 9)).toBe(first);
});

test('few scores prove nothing, in either direction', () => {
  expect(trustOf(null, 'm1', sums(9, 100), 1)).toBeNull();
  expect(trustOf(null, 'm1', null, 1)).toBeNull();
  const distrust = trustOf(null, 'm1', sums(2), 1);
  expect(trustOf(distrust, 'm1', sums(0.1, 100), 2)).toBe(distrust);
  expect(trustOf(distrust, 'm1', null, 2)).toBe(distrust);
});
