import { decisionsToReview, rollbackOf } from '../../../../core/evaluation/accuracy/rollback';

const record = (relativeLoss: number, decisions = 1_000) => ({
  decisions,
  loss: 100 * relativeLoss,
  lastValueLoss: 100,
});

test('a model that does well, or of which too little is known, stays', () => {
  expect(rollbackOf(record(0.6), null)).toBeNull();
  expect(rollbackOf(record(0.6), record(0.55))).toBeNull();
  expect(rollbackOf(record(3, decisionsToReview - 1), record(0.5))).toBeNull();
  expect(rollbackOf({ decisions: 1_000, loss: 5, lastValueLoss: 0 }, null)).toBeNull();
});

test('one that does worse than the one before it goes back to that one', () => {
  const rollback = rollbackOf(record(0.8), record(0.6));
  expect(rollback?.to).toBe('previous');
  expect(rollback?.reason).toBe(
    "over 1000 decisions in service its loss was 0.80 of the last value's; the model before it had 0.60",
  );
});

test('one that is worse than no model goes, and not to another that was', () => {
  expect(rollbackOf(record(1.3), null)?.to).toBe('last-value');
  expect(rollbackOf(record(1.5), record(1.2))?.to).toBe('last-value');
  expect(rollbackOf(record(1.5), record(0.7, 10))?.to).toBe('last-value');
});
