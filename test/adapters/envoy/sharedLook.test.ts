/** One costly look for all who ask at about the same time. */
import { sharedLook } from '../../../adapters/envoy/sharedLook';

let nowMs: number;
let looks: number;
let tookMs: number;
const look = async () => {
  looks++;
  nowMs += tookMs;
  return looks;
};
beforeEach(() => {
  [nowMs, looks, tookMs] = [0, 0, 100];
});

test('a costly answer is used for many times as long as it took, then there is a new one', async () => {
  const shared = sharedLook(look, () => nowMs);
  expect([await shared(), await shared()]).toEqual([1, 1]);
  nowMs += 60 * tookMs - 1;
  expect(await shared()).toBe(1);
  nowMs += 1;
  expect(await shared()).toBe(2);
});

test('no answer is older than ten seconds', async () => {
  tookMs = 5_000;
  const shared = sharedLook(look, () => nowMs);
  await shared();
  nowMs += 10_000;
  expect(await shared()).toBe(2);
});

test('a cheap answer is for those alone who asked while it was made', async () => {
  tookMs = 5;
  const shared = sharedLook(look, () => nowMs);
  expect(await Promise.all([shared(), shared()])).toHaveLength(2);
  await shared();
  const before = looks;
  expect(await shared()).toBe(before + 1);
});

test("who needs a fresh one gets it, and a failure is nobody else's answer", async () => {
  const shared = sharedLook(look, () => nowMs);
  await shared();
  expect(await shared(true)).toBe(2);
  let fails = true;
  const failing = sharedLook(
    async () => {
      if (fails) throw new Error('away');
      return 'here';
    },
    () => nowMs,
  );
  await expect(failing()).rejects.toThrow('away');
  fails = false;
  expect(await failing()).toBe('here');
});
