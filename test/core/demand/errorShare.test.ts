import { errorShare, errorsInWords, latestBin } from '../../../core/demand/errorShare';

test('errors are told of as a share if they are not a few, and not where none were measured', () => {
  expect(errorsInWords({ requests: 200, errors: 50 }, 2)).toMatch(
    /^25 % of the requests in the last bin were answered with an error \(5xx\) by 2 nodes that take traffic/,
  );
  expect(errorsInWords({ requests: 200, errors: 4 }, 2)).toBeNull();
  expect(errorsInWords({ requests: 10_000, errors: 50 }, 2)).toBeNull();
  expect(errorsInWords({ requests: 200, errors: null }, 2)).toBeNull();
  expect(errorsInWords(undefined, 2)).toBeNull();
  expect([errorShare({ requests: 0, errors: 0 }), errorShare({ requests: 4, errors: 9 })]).toEqual([null, 1]);
});

test('a bin of long ago is not the latest', () => {
  expect(latestBin([{ startMs: 0 }], 60_000, 60_000)).toEqual({ startMs: 0 });
  expect(latestBin([{ startMs: 0 }], 180_000, 60_000)).toBeUndefined();
});
