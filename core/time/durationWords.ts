/** Milliseconds → `45 s`, `1 min`, `90 s`, `7.5 min`, `3 h`: at most three digits, as people say it. */
export function durationInWords(ms: number): string {
  const seconds = ms / 1_000;
  if (seconds < 120 && (seconds === 0 || seconds % 60 !== 0)) return `${short(seconds)} s`;
  return seconds < 2 * 3_600 ? `${short(seconds / 60)} min` : `${short(seconds / 3_600)} h`;
}

const short = (value: number): number => Number(value.toPrecision(3));
