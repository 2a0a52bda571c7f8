import { crashLoop, type EndedNode, endedEarly } from '../../../core/capacity/crashLoop';

const startMs = Date.parse('2030-01-01T00:00:00Z');
const second = 1_000;
/** Round by round: created, lived and ended, in seconds from the start. */
const round = (createdS: number, livedS = 2, change: Partial<EndedNode> = {}): EndedNode => ({
  ...{
    id: `n${createdS}`,
    createdMs: startMs + createdS * second,
    endedMs: startMs + (createdS + livedS) * second,
  },
  ...{ madeAs: 'a', exitCode: 1, exitSignal: null, said: 'boom' },
  ...change,
});
const pauseAfter = (ends: EndedNode[]): number => {
  const endedMs = Math.max(...ends.map((end) => end.endedMs));
  const { nextTryMs } = crashLoop(ends, endedMs, { madeAs: 'a' })!;
  return nextTryMs === 0 ? 0 : (nextTryMs - endedMs) / second;
};

test('the pause grows with each round up to ten minutes; nodes of one round count once', () => {
  const rounds = Array.from({ length: 8 }, (_, place) => round(place * 10));
  expect(rounds.map((_, place) => pauseAfter(rounds.slice(0, place + 1)))).toEqual([
    0, 10, 30, 90, 270, 600, 600, 600,
  ]);
  expect(pauseAfter([round(0), round(0, 2, { id: 'other' }), round(0, 3, { id: 'third' })])).toBe(0);
});

test('a node that had run well, one made from something else and one of long ago do not count', () => {
  expect(pauseAfter([round(0, 500), round(600, 500), round(1_200, 500)])).toBe(0);
  expect(pauseAfter([round(0, 2, { madeAs: 'b' }), round(10, 2, { madeAs: 'b' }), round(20)])).toBe(0);
  expect(pauseAfter([round(0), round(10), round(20), round(3_700)])).toBe(0);
  expect(crashLoop([round(0), round(10)], startMs + 60_000, { madeAs: 'b' })).toBeNull();
  expect(endedEarly({ createdMs: 0, endedMs: 90_000 }, 60_000)).toBe(true);
  expect(endedEarly({ createdMs: 0, endedMs: 90_000 }, 1_000)).toBe(false);
});

test('says how the last one ended, what it wrote, and when the next is made', () => {
  const ends = [round(0), round(10, 2, { exitCode: null, exitSignal: 'SIGKILL', said: '' })];
  expect(crashLoop(ends, startMs + 13 * second)?.finding).toBe(
    '2 nodes ended by themselves within the hour, the last (n10) at 2030-01-01T00:00:12Z after 2 s, by SIGKILL that PAM did not send; the kernel sends it if memory runs out; it wrote nothing; the next is made at 2030-01-01T00:00:22Z, or at once if local.command or the template is changed',
  );
  expect(crashLoop([round(0, 2, { exitCode: 127 })], startMs + 5 * second)?.finding).toBe(
    'node n0 ended by itself at 2030-01-01T00:00:02Z after 2 s, exit code 127 (the command was not found); it wrote "boom"',
  );
  expect(crashLoop([round(0)], startMs + 600 * second)).toBeNull();
});
