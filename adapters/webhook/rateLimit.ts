/** How often each of many may do something: a bucket each, filled evenly. In memory that does not grow with their number. */

/** Who has not been seen for the longest time is forgotten beyond this many. */
const mostKnown = 10_000;
const minuteMs = 60_000;

export class RateLimit {
  private readonly buckets = new Map<string, { left: number; atMs: number }>();

  /** Takes one of `perMinute`: 0, or the seconds after which there is one again. */
  take(who: string, perMinute: number, nowMs: number): number {
    const known = this.buckets.get(who) ?? { left: perMinute, atMs: nowMs };
    const gained = (Math.max(0, nowMs - known.atMs) / minuteMs) * perMinute;
    const left = Math.min(perMinute, known.left + gained);
    this.buckets.delete(who);
    this.buckets.set(who, { left: left < 1 ? left : left - 1, atMs: nowMs });
    const [oldest] = this.buckets.keys();
    if (this.buckets.size > mostKnown && oldest !== undefined) this.buckets.delete(oldest);
    return left < 1 ? Math.ceil(((1 - left) * 60) / perMinute) : 0;
  }
}
