/** A clock that goes where a test sets it: bins pass as fast as the test does. */
export function steppedTime(startMs: number) {
  let nowMs = startMs;
  return {
    now: () => nowMs,
    until: async (atMs: number) => {
      nowMs = Math.max(nowMs, atMs);
    },
  };
}
