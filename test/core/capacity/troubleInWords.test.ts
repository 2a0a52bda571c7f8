import { troubleInWords } from '../../../core/capacity/troubleInWords';

test('repairs are told of for five minutes, the latest three of them, ends of nodes first', () => {
  const nowMs = Date.parse('2030-01-01T00:10:00Z');
  const repairs = [8, 4, 3, 2, 2, 1].map((minutes) => ({
    atMs: nowMs - minutes * 60_000,
    what: `${minutes}`,
  }));
  expect(troubleInWords({ ends: [], repairs }, nowMs)).toEqual(['repaired: 3; 2; 1']);
  const end = {
    ...{ id: 'n', createdMs: nowMs - 5_000, endedMs: nowMs - 3_000, madeAs: 'a' },
    ...{ exitCode: 1, exitSignal: null, said: 'boom' },
  };
  expect(troubleInWords({ ends: [end], repairs: [] }, nowMs)[0]).toMatch(
    /^node n ended by itself .* exit code 1/,
  );
  expect(troubleInWords({ ends: [], repairs: [] }, nowMs)).toEqual([]);
});
