/** A process's name enters, how it is asked to end and how long it is given leave. */
const plans: Readonly<Record<string, readonly [NodeJS.Signals, number]>> = {
  // A worker finishes the activities it has begun.
  'allocation worker': ['SIGTERM', 20_000],
  'training worker': ['SIGTERM', 20_000],
  envoy: ['SIGTERM', 10_000],
  temporal: ['SIGTERM', 10_000],
  // PostgreSQL's fast shutdown: sessions are cut, nothing committed is lost.
  postgres: ['SIGINT', 20_000],
};

/** Signal and grace, ms. */
export function stopSignals(name: string): readonly [NodeJS.Signals, number] {
  return plans[name] ?? ['SIGTERM', 10_000];
}

/** Order of stopping: who uses a server ends before the server. */
export const stopOrder: readonly string[] = [
  'allocation worker',
  'training worker',
  'envoy',
  'temporal',
  'postgres',
];
