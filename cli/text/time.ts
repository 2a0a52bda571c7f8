/** A span, ms → its text for people: how long something lasts, how long ago it was, what is still to come. */

/** `12 s`, `5 min`, `3 h`, `4 d`: the largest unit of which there are at least two, else seconds. */
export function lasting(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 2 * 3_600) return `${Math.round(seconds / 60)} min`;
  if (seconds < 2 * 86_400) return `${Math.round(seconds / 3_600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

/** `12 s ago`, `5 min ago`; a negative span lies ahead: `in 3 h`. */
export function ago(ms: number): string {
  return ms <= -500 ? `in ${lasting(-ms)}` : `${lasting(Math.max(0, ms))} ago`;
}

/** `42 s`, `3:07 min`: for a display that counts down. */
export function countdown(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  return seconds < 60
    ? `${seconds} s`
    : `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')} min`;
}
