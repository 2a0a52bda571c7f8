/** A process’s name → the signal that ends it, and its grace. */
const plans: Readonly<Record<string, readonly [NodeJS.Signals, number]>> = {
  // A worker finishes the activities it has begun.
  'allocation worker': ['SIGTERM', 20_000],
  'training worker': ['SIGTERM', 20_000],
  envoy: ['SIGTERM', 10_000],
  discovery: ['SIGTERM', 5_000],
  temporal: ['SIGTERM', 10_000],
  // PostgreSQL’s fast shutdown: sessions are cut, no committed data are lost.
  postgres: ['SIGINT', 20_000],
};

/** Signal and grace, ms. */
export function stopSignals(name: string): readonly [NodeJS.Signals, number] {
  return plans[name] ?? ['SIGTERM', 10_000];
}

/** Order of stopping: the users of a server end before the server. */
export const stopOrder: readonly string[] = [
  'allocation worker',
  'training worker',
  'envoy',
  'discovery',
  'temporal ui',
  'temporal',
  'postgres',
];
