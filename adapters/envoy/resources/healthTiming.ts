/**
 * How many endpoints there are → how often each is checked. Checks cost the proxy about the same each, so their number a
 * second is bounded: few nodes are checked every second, ten thousand every 64 seconds. What traffic finds by itself (a node
 * that refuses connections or answers errors) is taken out by outlier detection long before.
 */
export interface HealthTiming {
  /** Between two checks of a healthy node, ms. */
  readonly intervalMs: number;
  /** Between two checks of a node that is booting or unhealthy, ms. */
  readonly unhealthyIntervalMs: number;
  readonly timeoutMs: number;
  /** Failed checks in a row until a node is unhealthy. */
  readonly failures: number;
}

const checksPerSecond = 250;

/** @param before the timing in use: it is kept until the number has changed by far, since a new one renews every cluster. */
export function healthTiming(endpoints: number, before: HealthTiming | null): HealthTiming {
  const neededMs = (endpoints / checksPerSecond) * 1_000;
  if (
    before !== null &&
    neededMs <= before.intervalMs &&
    (before.intervalMs === 1_000 || neededMs > before.intervalMs / 4)
  )
    return before;
  const intervalMs = 1_000 * 2 ** Math.max(0, Math.ceil(Math.log2(Math.max(1, neededMs / 1_000))));
  return {
    intervalMs,
    // Few nodes boot at a time, and each is waited for; but if all are gone at once, the proxy must not drown in checks.
    unhealthyIntervalMs: Math.max(250, intervalMs / 8),
    timeoutMs: Math.min(5_000, Math.max(1_000, intervalMs / 8)),
    failures: 2,
  };
}
